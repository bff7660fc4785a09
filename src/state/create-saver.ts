/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call
 * or a later one; calls that overlap share a write, writes follow each other, and a text that the disk has
 * already is not written again.
 *
 * @param onDisk tells the digest of the file's text as far as it is known; asked once, at the first save.
 * @param digest that of the text of the present state.
 * @param write puts the present state on disk and returns the digest of what it wrote, should the state have changed
 * meanwhile; its error reaches everybody who waited for that write.
 */
export function createSaver(
  onDisk: () => string | undefined,
  digest: () => string,
  write: () => Promise<string>,
): () => Promise<void> {
  let known = onDisk;
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const run = async () => {
    // From here on the state may change without being part of this write.
    scheduled = undefined;
    const present = digest();
    const before = known();
    // After a failure nobody knows which of the two the disk has.
    known = () => undefined;
    const after = present === before ? present : await write();
    known = () => after;
  };

  return () => {
    if (scheduled === undefined) {
      scheduled = last.then(run);
      last = scheduled.catch(() => {});
    }
    return scheduled;
  };
}
