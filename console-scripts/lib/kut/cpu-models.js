/*
 * Processors by the names that QEMU gives them, in terms of ours: a model and what comes on top.
 */

const QEMU64 = ['sse3', 'cx16', 'lahf_lm'];
const IVY_BRIDGE = [...QEMU64, 'ssse3', 'sse4_1', 'sse4_2', 'popcnt', 'aes', 'pclmulqdq', 'xsave', 'xsaveopt', 'avx', 'f16c', 'rdrand',
  'fsgsbase', 'smep', 'erms', 'tsc_deadline', 'x2apic', 'rdtscp', 'arat'];
const SKYLAKE = [...IVY_BRIDGE, 'avx2', 'bmi1', 'bmi2', 'fma', 'abm', 'movbe', 'pcid', 'invpcid', 'rdseed', 'adx', 'smap', 'clflushopt',
  'clwb', 'xsavec', 'xgetbv1', 'pdpe1gb', 'pku', 'prefetchw'];

const MODELS = {
  // What the host or QEMU can do: what the backend can do.
  'max': { model: 'max', plus: [] },
  'host': { model: 'max', plus: [] },
  'qemu64': { model: 'x86-64', plus: QEMU64 },
  'Opteron_G1': { model: 'x86-64', plus: ['sse3'] },
  'IvyBridge': { model: 'x86-64', plus: IVY_BRIDGE },
  'Skylake-Server': { model: 'x86-64', plus: SKYLAKE },
};

/** What QEMU takes when nothing is said. */
export const DEFAULT = 'qemu64';

/**
 * A processor as machines describe it, of QEMU's `-cpu` option. What the backend does not have (or nobody here has ever heard of) is left
 * out: the test sees in CPUID that it is not there.
 *
 * @param backend { features, physicalBits }: what its processors can do at most
 * @return { model, features, vendor, physicalBits }, or null when there is no such model
 */
export function translate(option, { features: available, physicalBits: most }) {
  const [name, ...changes] = option.split(',');
  const base = MODELS[name];
  if (base === undefined) {
    return null;
  }
  const cpu = { model: base.model, features: base.plus.filter((feature) => available.includes(feature)).map((feature) => `+${feature}`) };
  for (const change of changes) {
    const feature = change.slice(1).replace(/[-.]/g, '_');
    if (/^[+-]/.test(change)) {
      if (available.includes(feature)) {
        cpu.features.push(change[0] + feature);
      }
    } else if (change.startsWith('vendor=')) {
      cpu.vendor = change.slice('vendor='.length);
    } else if (change.startsWith('phys-bits=')) {
      cpu.physicalBits = Number(change.slice('phys-bits='.length));
    } else if (change === 'host-phys-bits') {
      cpu.physicalBits = most;
    } // migratable, hv_passthrough: between QEMU and its host
  }
  return cpu;
}
