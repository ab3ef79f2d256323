/*
 * A shell at the far end of a serial port: types commands and gives back what they print.
 */

/** What line editors send beside text: cursor movements, colours, the question where the cursor is. */
const ESCAPES = /\u001b\[[\d;?]*[A-Za-z]/g;

export class Shell {
  #serial;
  #prompt;
  #timeout;

  /** The prompt stands at the beginning of a line; `timeout` is for each command. */
  constructor(serial, prompt, { timeout = '120s' } = {}) {
    this.#serial = serial;
    this.#prompt = new RegExp(`^${prompt.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`);
    this.#timeout = timeout;
  }

  /** Waits for the prompt. */
  async ready() {
    await this.#serial.expect(this.#prompt, { timeout: this.#timeout });
  }

  /** Types a command; gives what it printed, without the line's own echo and without the last line's end. */
  async run(command) {
    this.#serial.sendLine(command);
    const { before } = await this.#serial.expect(this.#prompt, { timeout: this.#timeout });
    const lines = before.replace(ESCAPES, '').replaceAll('\r', '').split('\n');
    return lines.slice(1).join('\n').trimEnd();
  }
}
