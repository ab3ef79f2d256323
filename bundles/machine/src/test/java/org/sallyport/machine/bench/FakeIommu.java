package org.sallyport.machine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;

/**
 * An IOMMU that turns pages around: request for page n of the first 256 go to page 255 - n, others nowhere. Of a
 * message it makes an interrupt with the requester's low byte as vector for processor 0, if its data is not 0.
 */
public final class FakeIommu implements Device, Iommu, Persistent<FakeIommu.State> {
  /** It has no properties. */
  public record Configuration() {}

  /** How many requests it saw. */
  public record State(int requests) {}

  /** Makes them. */
  public static final class Factory implements DeviceFactory<Configuration> {
    public volatile FakeIommu last;

    @Override
    public String type() {
      return "iommu";
    }

    @Override
    public Configuration defaults() {
      return new Configuration();
    }

    @Override
    public Device create(Configuration configuration, DeviceContext context) {
      return last = new FakeIommu();
    }
  }

  /** What it was asked. */
  public final List<String> asked = new ArrayList<>();

  public int requests;

  @Override
  public long translate(int requester, long address, boolean write) {
    requests++;
    asked.add(String.format("%s %x %x", write ? "write" : "read", requester, address));
    return address >>> 20 == 0 ? 0xff000 - (address & 0xff000) | address & 0xfff : BLOCKED;
  }

  @Override
  public ApicMessage remap(int requester, long address, int data) {
    requests++;
    asked.add(String.format("message %x %x=%x", requester, address, data));
    return data == 0 ? null : new ApicMessage(0, false, DeliveryMode.FIXED, requester & 0xff, false, true);
  }

  @Override
  public Facts facts() {
    return new Facts(0xfed90000L, 48, true);
  }

  @Override
  public void reset(ResetKind kind) {
    requests = 0;
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<State> type() {
    return State.class;
  }

  @Override
  public State save() {
    return new State(requests);
  }

  @Override
  public void restore(State state) {
    requests = state.requests();
  }
}
