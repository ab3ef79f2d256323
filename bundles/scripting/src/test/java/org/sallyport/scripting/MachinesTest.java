package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.machine.StopReason;

/** Machines and serial ports as scripts use them. */
@Timeout(60)
class MachinesTest {
  private ScriptBench bench;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    bench = new ScriptBench(folder);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void talksOverTheSerialPort() throws IOException {
    bench.machines.guest =
        (machine, text) -> machine.say(text.isEmpty() ? "booting\r\nlogin: " : "Password for " + text.strip() + ": ");
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create({ name: 'demo', memory: '2M' });
        assert.equal([vm.name, vm.state, vm.memory, vm.cpus], ['demo', 'created', 2 << 20, 1]);
        const com1 = vm.serial();          // before the machine runs: nothing is missed
        await vm.start();
        const { text, before } = await com1.expect(/^login: $/);
        assert.equal([text, before], ['login: ', 'booting\\r\\n']);
        com1.sendLine('root');
        const match = await com1.expect([/never/, /Password for (\\w+):/]);
        assert.equal([match.groups, match.index, match.before], [['root'], 1, '']);
        assert.equal(com1.transcript(), 'booting\\r\\nlogin: Password for root: ');
        """), bench::err);
    assertTrue(bench.machines.made.getFirst().closed, "the machine is closed with the script");
    assertEquals(0, bench.machines.made.getFirst().listeners());
    assertEquals(List.of(), bench.machines.machines());
  }

  @Test
  void matchesAcrossPiecesAndLines() throws IOException {
    bench.machines.guest = (machine, text) -> {
      if (text.isEmpty()) {
        machine.say("BEG");
        pause(30);
        machine.say("IN\r\n" + "x".repeat(50) + "\r\nE");
        pause(30);
        machine.say("ND\r\nsecond END\r\nprompt# ");
      }
    };
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create();
        await vm.start();
        const com1 = vm.serial('com1');
        const { groups } = await com1.expect(/BEGIN([^]*?)END/);
        assert.equal(groups[0].length, 54);
        assert.equal((await com1.expect('END')).before, '\\r\\nsecond ');
        await com1.expect(/^prompt# $/);
        """), bench::err);
  }

  @Test
  void findsAMatchThatReachesFarBack() throws IOException {
    bench.machines.guest = (machine, text) -> {
      if (text.isEmpty()) {
        machine.sayAtOnce("START\n");
        for (int i = 0; i < 40; i++) {
          machine.sayAtOnce("filling line number " + i + " with some text behind it, so that it becomes long\n");
          pause(3);
        }
        machine.sayAtOnce("STOP\n");
      }
    };
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create();
        await vm.start();
        const { text } = await vm.serial().expect(/START[^]*STOP/, { timeout: '20s' });
        assert(text.length > 2500);
        """), bench::err);
  }

  @Test
  void takesALotOfOutput() throws IOException {
    int lines = 60_000;
    bench.machines.guest = (machine, text) -> {
      if (text.isEmpty()) {
        for (int i = 0; i < lines; i++) {
          machine.sayAtOnce("[    0." + i + "] a line of the kernel's log that nobody waits for\r\n");
        }
        machine.sayAtOnce("done\r\n");
      }
    };
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create();
        await vm.start();
        await vm.serial().expect(/^done$/, { timeout: '50s' });
        """), bench::err);
  }

  @Test
  void decodesCharactersThatComeInPieces() throws IOException {
    bench.machines.guest = (machine, text) -> {
      if (text.isEmpty()) {
        machine.say("Grüße aus Zürich ☃ 🐧\n");
      } else {
        machine.say("got " + text);
      }
    };
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create();
        const heard = [];
        const off = vm.serial().onData((text) => heard.push(text));
        await vm.start();
        await vm.serial().expect(/Grüße aus Zürich ☃ 🐧/u);
        off();
        assert.equal(heard.join(''), 'Grüße aus Zürich ☃ 🐧\\n');
        vm.serial().send('ÄÖ');
        await vm.serial().expect('got ÄÖ');
        assert.equal(heard.join('').length, 22);
        """), bench::err);
  }

  @Test
  void timesOutWithTheLastLines() throws IOException {
    bench.machines.guest = (machine, text) -> machine.say("one\r\ntwo\r\nthree");
    assertEquals(3, bench.run("""
        import { Machine } from 'sallyport';
        const vm = await Machine.create({ name: 'slow' });
        await vm.start();
        await vm.serial().expect(/login/, { timeout: '300ms' });
        """));
    assertEquals(
        "test.js:4:7: time-out: /login/ did not come on com1 of machine slow within 300ms; its last lines were\n"
            + "  | one\n  | two\n  | three\n",
        bench.err());
    assertEquals(3, bench.run("""
        import { Machine } from 'sallyport';
        const vm = await Machine.create({ name: 'slow' });
        await vm.start();
        await vm.serial().expect('login', { timeout: Infinity });
        """, "timeout=3s"));
    assertTrue(
        bench.err().startsWith(
            "test.js: time-out: the script did not end within 3s; it waited for \"login\" on com1; its last"),
        bench.err());
    assertTrue(bench.machines.made.getLast().closed);
  }

  @Test
  void letsAScriptCatchATimeOut() throws IOException {
    assertEquals(0,
        bench.run(
            """
                import { assert, Machine, TimeoutError } from 'sallyport';
                const vm = await Machine.create();
                await vm.start();
                const error = await assert.rejects(vm.serial().expect('x', { timeout: 50 }), /it sent nothing/);
                assert(error instanceof TimeoutError);
                const first = await Promise.race([vm.serial().expect('a', { timeout: 100 }), vm.serial().expect('b', { timeout: 50 })])
                    .catch((failure) => failure);
                assert.match(first.message, '"b" did not come');
                """),
        bench::err);
  }

  @Test
  void tellsWhenTheMachineStopsInstead() throws IOException {
    bench.machines.guest = (machine, text) -> {
      machine.say("Kernel panic\r\n");
      machine.end(StopReason.Kind.TRIPLE_FAULT, "triple fault at 0x7c00: ud2", 0);
    };
    assertEquals(1, bench.run("""
        import { Machine } from 'sallyport';
        const vm = await Machine.create({ name: 'poor' });
        await vm.start();
        await vm.serial().expect(/login/);
        """));
    assertEquals(
        "test.js:4:7: machine poor stopped (triple fault at 0x7c00: ud2) before /login/ came on com1; its last lines were\n"
            + "  | Kernel panic\n",
        bench.err());
  }

  @Test
  void readsLinesUntilTheEnd() throws IOException {
    bench.machines.guest = (machine, text) -> {
      machine.say("a\r\nb\nc ");
      pause(20);
      machine.say("d\r\n\r\nrest");
      machine.end(StopReason.Kind.EXIT, "the guest ended the run", 5);
    };
    assertEquals(0, bench.run("""
        import { assert, Machine } from 'sallyport';
        const vm = await Machine.create();
        await vm.start();
        const lines = [];
        for await (const line of vm.serial().lines()) lines.push(line);
        assert.equal(lines, ['a', 'b', 'c d', '', 'rest']);
        assert.equal(await vm.stopped, { kind: 'exit', message: 'the guest ended the run', status: 5 });
        assert.equal(vm.state, 'stopped');
        await vm.serial().expect('rest');       // what came before the end can still be looked at
        await assert.rejects(vm.serial().expect('more'), /stopped/);
        """), bench::err);
  }

  @Test
  void echoesWhatTheGuestSends() throws IOException {
    bench.machines.guest = (machine, text) -> {
      machine.say(text.isEmpty() ? "shown\r\n" : "hidden\r\n");
      if (!text.isEmpty()) {
        machine.end(StopReason.Kind.POWER_OFF, "off", 0);
      }
    };
    assertEquals(0, bench.run("""
        import { Machine } from 'sallyport';
        const vm = await Machine.create();
        vm.serial().echo();
        await vm.start();
        await vm.serial().expect('shown\\r\\n');
        vm.serial().echo(false);
        vm.serial().send('x');
        await vm.stopped;
        """), bench::err);
    assertEquals("shown\r\n", bench.out());
  }

  @Test
  void controlsAndInspectsAMachine() throws IOException {
    bench.disassembler = Optional.of((code, address, mode, count) -> {
      List<Disassembler.Line> lines = new java.util.ArrayList<>();
      for (int i = 0; i < Math.min(count, code.length); i++) {
        lines.add(new Disassembler.Line(address + i, 1, code[i] == (byte) 0x90 ? "nop" : "(bad)"));
      }
      return lines;
    });
    assertEquals(0,
        bench.run(
            """
                import { assert, Machine, bytes } from 'sallyport';
                const vm = await Machine.create({ memory: bytes('1M') });
                await assert.rejects(vm.step(), /is not paused/);
                await vm.start();
                await assert.rejects(vm.start(), /started already/);
                await vm.pause();
                assert.equal(vm.state, 'paused');
                await vm.step(3);
                await vm.resume();
                vm.powerButton();

                vm.write(0x1000, 4, 0xdeadbeef);
                assert.equal(vm.read(0x1000), 0xdeadbeef);
                assert.equal(vm.read(0x1001n, 2), 0xadbe);
                vm.write(0x2000n, 8, 0xffffffffffffffffn);
                assert.equal(vm.read(0x2000, 8), 2n ** 64n - 1n);
                vm.writeBytes(0x3000, [0x90, 0x90, 0xcc]);
                assert.equal(vm.readBytes(0x3000, 3), new Uint8Array([0x90, 0x90, 0xcc]));
                assert.throws(() => vm.read(0, 3), /no size/);
                assert.equal([vm.translate(0x1234), vm.translate(0x7fffffff)], [0x1234n, null]);

                const r = vm.registers();
                assert.equal([r.rip, r.rdx, r.cr0, r.cs.selector, r.cs.base, r.mode, r.activity],
                    [0xfff0n, 0x606a6n, 0x60000010n, 0xf000, 0xffff0000n, '16-bit', 'active']);
                assert.throws(() => vm.registers(1), /no processor 1/);
                assert.throws(() => vm.vmcs(), /no VMCS/);
                assert.equal(vm.disassemble(0x3000, { count: 3 }).map((line) => `${line.address} ${line.bytes} ${line.text}`),
                    ['12288 90 nop', '12289 90 nop', '12290 cc (bad)']);

                assert.equal(vm.devices()[0], { name: 'com1', type: 'uart16550', ranges: ['ports 0x3f8-0x3ff'] });
                assert.equal(vm.irqs(), [{ gsi: 4, sources: ['com1'], asserted: false, raised: 12, delivered: 11 }]);
                assert.equal(vm.exits(), { PORT_WRITE: 42 });
                assert.equal(vm.statistics(), { backend: 'fake', running: 2000, instructions: 90_000_000, exits: { PORT_WRITE: 42 },
                    interrupts: { '0x24': 11 }, mips: 45 });
                assert.equal(vm.log(), ['a line of the log']);
                assert.equal([Machine.names(), Machine.find('test').name, Machine.find('other')], [['test'], 'test', null]);
                assert.equal(Machine.backends(),
                  [{ name: 'vmx', available: true, reason: 'always there', features: ['fpu', 'sse4_2'], physicalBits: 48 }]);
                assert.equal((await vm.stop()).kind, 'stopped');
                await vm.close();
                assert.equal(Machine.names(), []);
                """),
        bench::err);
    assertEquals(1, bench.machines.made.getFirst().presses);
  }

  @Test
  void saysThatThereIsNoDisassembler() throws IOException {
    assertEquals(1,
        bench.run("import { Machine } from 'sallyport';\nconst vm = await Machine.create();\nvm.disassemble();\n"));
    assertTrue(bench.err().startsWith("test.js:3:1: no disassembler is installed"), bench.err());
  }

  @Test
  void closesTheMachinesHoweverTheScriptEnds() throws Exception {
    for (String end : new String[]{"throw new Error('x');", "exit(4);", "for (;;) {}", "await sleep('1h');"}) {
      CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> {
        try {
          return bench.run(
              "import { exit, sleep, Machine } from 'sallyport';\nconst vm = await Machine.create();\nawait vm.start();\n"
                  + end);
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      });
      int expected = end.startsWith("throw") ? 1 : end.startsWith("exit") ? 4 : 130;
      if (expected == 130) {
        ScriptsTest.await(() -> !bench.machines.machines().isEmpty());
        Thread.sleep(50);
        bench.scripts.interrupt();
      }
      assertEquals(expected, status.get(30, TimeUnit.SECONDS), end);
      assertEquals(List.of(), bench.machines.machines(), end);
      assertTrue(bench.machines.made.getLast().closed, end);
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
