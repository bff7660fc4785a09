/** The last line of a terminal, shown for as long as something is under way. */
export interface StatusLine {
  /** Writes whole lines above it. */
  write(text: string): void;
  /** Shows a line, which must fit; an empty one takes it away. */
  show(line: string): void;
}

const ERASE = "\r\u001b[2K";

/** Makes a status line on a terminal; `write` sends to that terminal. */
export function createStatusLine(write: (text: string) => void): StatusLine {
  let shown = "";
  return {
    write: (text) => write(shown === "" ? text : `${ERASE}${text}${shown}`),
    show: (line) => {
      if (line === shown) return;
      write(`${shown === "" ? "" : ERASE}${line}`);
      shown = line;
    },
  };
}
