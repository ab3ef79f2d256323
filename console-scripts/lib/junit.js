/*
 * JUnit's XML, which CI systems read.
 */

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0; characters that it cannot hold are left out. */
const escape = (text) => String(text).replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd]/g, '').replace(/[&<>"]/g, (each) => ESCAPES[each]);

/**
 * A report.
 *
 * @param cases { name, seconds, output, and, unless it passed, failure or skipped: a message }
 */
export function junit(suite, cases) {
  const failures = cases.filter((each) => each.failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  return ['<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escape(suite)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`
      + ` time="${seconds.toFixed(3)}">`,
    ...cases.map((each) => testCase(suite, each)), '</testsuite>', ''].join('\n');
}

function testCase(suite, { name, seconds, output = '', failure, skipped }) {
  const parts = [`  <testcase classname="${escape(suite)}" name="${escape(name)}" time="${seconds.toFixed(3)}">`];
  if (failure !== undefined) {
    parts.push(`    <failure message="${escape(failure)}"/>`);
  }
  if (skipped !== undefined) {
    parts.push(`    <skipped message="${escape(skipped)}"/>`);
  }
  if (output !== '') {
    parts.push(`    <system-out>${escape(output)}</system-out>`);
  }
  return [...parts, '  </testcase>'].join('\n');
}
