/*
 * Runs the x86 tests of kvm-unit-tests, each on a machine of its own, and prints what became of them.
 *
 * The suite is not part of Sallyport. Its images are made by `./configure --arch=x86_64 && make`; dir= names its folder. Each entry of
 * x86/unittests.cfg runs with the arguments, the number of processors, the memory, the processor and the time limit that it asks for.
 * Conditions on a host's KVM ("check", "accel") are not looked at, as there is none. The status is 0 when all that ran passed, else 1.
 */
import { defineArgs, exit, Machine } from 'sallyport';
import { dataFile } from 'sallyport/images';
import { junit } from './lib/junit.js';
import { describe, ENVIRONMENT } from './lib/kut/machine.js';
import { FAIL, judge, lines, PASS, SKIP, skipReason, TIMEOUT } from './lib/kut/outcome.js';
import { limitOf, parse } from './lib/kut/unittests.js';

const args = defineArgs({
  dir: { help: 'the folder of kvm-unit-tests, built', type: 'directory', required: true },
  only: { help: 'names of entries, or regular expressions for them, with commas between', default: '' },
  group: { help: 'only the entries of this group', default: '' },
  cpu: { help: 'what runs the guests', choices: ['vmx', 'kvm'], default: 'vmx' },
  junit: { help: 'write the results as JUnit XML', type: 'output' },
  log: { help: 'keep what each test prints', type: 'output-directory' },
  verbose: { help: 'show what each test prints', default: false },
  patience: { help: "multiply the tests' time limits (90 s where they name none)", default: 1 },
  jobs: { help: 'how many tests at a time', default: 1 },
});

const WIDTH = 44;

const backend = Machine.backends().find(({ name }) => name === args.cpu);
if (!backend?.available) {
  throw new Error(`cpu=${args.cpu} cannot be used: ${backend?.reason ?? 'there is no such backend'}`);
}
const environment = await dataFile(ENVIRONMENT);
const entries = parse(args.dir.read('x86/unittests.cfg')).filter(isWanted);
if (entries.length === 0) {
  throw new Error(`no entry of ${args.dir}/x86/unittests.cfg is meant`);
}

const start = Date.now();
const results = new Map();
console.log(row('test', 'result', 'passed', 'failed', 'seconds'));
const queue = entries.values();
await Promise.all(Array.from({ length: Math.min(args.jobs, entries.length) }, worker));
finish();

function isWanted({ name, arch, groups }) {
  const names = args.only.split(',').filter((each) => each !== '');
  return arch !== 'i386'
    && (args.group === '' || groups.includes(args.group))
    && (names.length === 0 || names.some((each) => new RegExp(`^(?:${each})$`).test(name)));
}

/** Runs entries until there are none left. */
async function worker() {
  for (const entry of queue) {
    const began = Date.now();
    const { result, reason, output = '' } = await run(entry);
    const found = { ...lines(output), result, reason, output, seconds: (Date.now() - began) / 1000 };
    results.set(entry, found);
    args.log?.write(`${entry.name}.log`, output);
    show(entry, found);
  }
}

/** Runs an entry to its end: { result, reason, output }. */
async function run(entry) {
  if (!args.dir.has(`x86/${entry.file}`)) {
    return { result: SKIP, reason: `there is no image x86/${entry.file}` };
  }
  const { description, missing } = describe(entry, backend);
  if (missing) {
    return { result: SKIP, reason: missing };
  }
  description.cpu.backend = args.cpu;
  let vm;
  try {
    vm = await Machine.create({
      ...description,
      name: `kut-${entry.name}`,
      boot: {
        kernel: args.dir.file(`x86/${entry.file}`), append: entry.args.join(' '), format: 'multiboot',
        modules: [{ file: environment, append: 'env' }],
      },
    });
    const com1 = vm.serial('com1');
    com1.echo(args.verbose);
    await vm.start();
    const stopped = await stopOf(vm, limitOf(entry, args.patience));
    const output = com1.transcript();
    if (stopped === null) {
      return { result: TIMEOUT, reason: `at ${await whereabouts(vm)}`, output };
    }
    const { result, reason } = judge(stopped);
    return { result, reason: result === SKIP ? skipReason(output) : reason, output };
  } catch (error) {
    return { result: FAIL, reason: error.message };
  } finally {
    await vm?.close();
  }
}

/** Why a machine stopped, or null when it did not within the time. */
async function stopOf(vm, millis) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(() => resolve(null), millis); });
  try {
    return await Promise.race([vm.stopped, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function whereabouts(vm) {
  await vm.pause();
  const places = [];
  for (let cpu = 0; cpu < vm.cpus; cpu++) {
    const { rip, activity } = vm.registers(cpu);
    places.push(`0x${rip.toString(16)} (${activity})`);
  }
  return places.join(', ');
}

function row(name, result, passed, failed, seconds, reason = '') {
  const counts = `${String(passed).padStart(7)}${String(failed).padStart(7)}${String(seconds).padStart(9)}`;
  return `${name.padEnd(WIDTH)}${result.padEnd(8)}${counts}  ${reason}`.trimEnd();
}

function show({ name }, { result, reason, passed, failed, seconds, failures, last }) {
  console.log(row(name, result, passed || '', failed || '', seconds.toFixed(1), reason));
  if (result === FAIL || result === TIMEOUT) {
    const brief = failures.length > 0 ? failures.slice(0, 5) : last;
    brief.forEach((line) => console.log(`    ${line}`));
    if (failures.length > brief.length) {
      console.log(`    and ${failures.length - brief.length} more`);
    }
  }
}

function finish() {
  const all = entries.map((entry) => ({ name: entry.name, ...results.get(entry) }));
  const count = (wanted) => all.filter(({ result }) => result === wanted).length;
  console.log(`\n${count(PASS)} passed, ${count(FAIL)} failed, ${count(TIMEOUT)} ran out of time, ${count(SKIP)} skipped`
    + ` in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  args.junit?.write(junit('kvm-unit-tests', all.map(({ name, result, reason, seconds, output }) => ({
    name, seconds, output,
    failure: result === FAIL ? reason : result === TIMEOUT ? `no end within the time limit, ${reason}` : undefined,
    skipped: result === SKIP ? reason : undefined,
  }))));
  if (count(FAIL) + count(TIMEOUT) > 0) {
    exit(1);
  }
}
