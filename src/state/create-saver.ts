/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call
 * or a later one; calls that overlap share a write, writes follow each other, and a text that the disk has
 * already is not written again.
 *
 * @param onDisk the file's text as far as it is known.
 * @param format makes the text of the present state.
 * @param write puts it on disk; its error reaches everybody who waited for that write.
 */
export function createSaver(
  onDisk: string | undefined,
  format: () => string,
  write: (text: string) => Promise<void>,
): () => Promise<void> {
  let known = onDisk;
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const run = async () => {
    // From here on the state may change without being part of this write.
    scheduled = undefined;
    const text = format();
    if (text === known) return;
    // After a failure nobody knows which of the two the disk has.
    known = undefined;
    await write(text);
    known = text;
  };

  return () => {
    if (scheduled === undefined) {
      scheduled = last.then(run);
      last = scheduled.catch(() => {});
    }
    return scheduled;
  };
}
