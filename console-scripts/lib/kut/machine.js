/*
 * A machine for an entry of the list: QEMU's options in terms of ours.
 */
import { DEFAULT, translate } from './cpu-models.js';

/** QEMU's, when the list does not say. */
const MEMORY = '128M';

/** A PC, and what the suite's own runner adds to it. */
const DEVICES = ['uart16550', 'pit8254', 'rtc', 'i8042', 'pci', 'acpi', 'debugexit', 'testdev', 'fwcfg'];

/**
 * QEMU's devices in terms of ours. The suite takes the IO APIC for a requester that nobody verifies: it names another one in the entry
 * of the IO APIC's interrupt.
 */
const CARDS = {
  'edu': () => ({ type: 'edu' }),
  'intel-iommu': (flags) => ({
    type: 'iommu', ioApicSourceCheck: false,
    interruptRemapping: !flags.includes('intremap=off'), extendedInterrupts: !flags.includes('eim=off'),
  }),
};

/** What there is no device for, by a word in QEMU's options. */
const MISSING = {
  'hyperv-testdev': "Hyper-V's test device",
  'vmport=on': "VMware's backdoor ports",
};

/** Options that say something about QEMU and its host alone. */
const IGNORED = { '-enable-kvm': 0, '-overcommit': 1, '-global': 1, '-nodefaults': 0, '-no-reboot': 0, '-display': 1 };

/**
 * The description of an entry's machine.
 *
 * @param backend what it can do: { features, physicalBits }
 * @return { description } or, when the machine cannot be had, { missing: what, in words }
 */
export function describe(entry, backend) {
  const wanted = { cpu: DEFAULT, memory: MEMORY, devices: [...DEVICES], cards: [] };
  for (let i = 0; i < entry.options.length; i++) {
    const option = entry.options[i].replace(/^--/, '-');
    if (option in IGNORED) {
      i += IGNORED[option];
      continue;
    }
    const value = entry.options[++i] ?? '';
    const word = value.split(',').find((each) => each in MISSING);
    if (word !== undefined) {
      return { missing: `the test wants ${MISSING[word]}` };
    }
    switch (option) {
      case '-cpu': wanted.cpu = value; break;
      case '-m': wanted.memory = /^\d+$/.test(value) ? `${value}M` : value; break;
      case '-M': case '-machine':
        if (value.split(',').includes('pit=off')) {
          wanted.devices = wanted.devices.filter((device) => device !== 'pit8254');
        }
        break;
      case '-device': {
        const [type, ...flags] = value.split(',');
        if (type in CARDS) {
          wanted.cards.push(CARDS[type](flags));
        } else if (type !== 'pci-testdev') { // that one is looked for, and done without
          return { missing: `the test wants the device ${type}` };
        }
        break;
      }
      default: return { missing: `the test wants QEMU's option ${option} ${value}`.trim() };
    }
  }
  const cpu = translate(wanted.cpu, backend);
  return cpu === null
    ? { missing: `the test wants the processor ${wanted.cpu.split(',')[0]}` }
    : {
      description: {
        memory: wanted.memory, cpus: entry.smp, cpu, reset: 'stop',
        devices: [...wanted.devices.map((type) => ({ type })), ...wanted.cards],
      },
    };
}

/**
 * The text of the "environment" file that every image gets as its module. QEMU's machine without KVM comes closest to ours; forced errata
 * are tests that crash old versions of KVM, and that the suite leaves out when it does not know better.
 */
export const ENVIRONMENT = ['TARGET=qemu', 'QEMU_ACCEL=tcg', 'ERRATA_FORCE=y', ''].join('\n');
