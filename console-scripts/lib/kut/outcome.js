/*
 * What became of a test: from why its machine stopped, and from what it printed.
 */

export const PASS = 'PASS';
export const FAIL = 'FAIL';
export const SKIP = 'SKIP';
export const TIMEOUT = 'TIMEOUT';

/** The suite's exit statuses; the guest writes the upper seven bits to the debug-exit port. */
const SUCCESS = 0;
const SKIPPED = 77;
const ABORTED = 127;

/**
 * @param stopped why the machine stopped: { kind, message, status }
 * @return { result, reason }, the reason empty for success
 */
export function judge(stopped) {
  if (stopped.kind !== 'exit') {
    return { result: FAIL, reason: stopped.message };
  }
  const status = stopped.status === 0 ? SUCCESS : (stopped.status << 1 | 1) & 0xff;
  switch (status) {
    case SUCCESS: return { result: PASS, reason: '' };
    case SKIPPED: return { result: SKIP, reason: '' };
    case ABORTED: return { result: FAIL, reason: 'the test aborted itself' };
    default: return { result: FAIL, reason: `the test ended with status ${status}` };
  }
}

/** The lines of a serial log: { passed, failed, failures: the lines of those that failed, last: the last lines }. */
export function lines(text) {
  const all = text.replaceAll('\r', '').split('\n').filter((line) => line.trim() !== '');
  const failures = all.filter((line) => /^FAIL\b/.test(line));
  return { passed: all.filter((line) => /^PASS\b/.test(line)).length, failed: failures.length, failures, last: all.slice(-3) };
}

/** Why a test says that it is skipped: the last line that it marks so, or the last one at all. */
export function skipReason(text) {
  const all = text.replaceAll('\r', '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('SUMMARY'));
  return (all.findLast((line) => /^SKIP\b/.test(line)) ?? all.at(-1) ?? 'the test says so').replace(/^(SKIP|WARNING):?\s*/, '');
}
