/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call or a later
 * one; calls that overlap share a write, and writes follow each other.
 *
 * @param write puts the present state on disk; its error reaches everybody who waited for that write.
 */
export function createSaver(write: () => Promise<void>): () => Promise<void> {
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const run = async () => {
    // From here on the state may change without being part of this write.
    scheduled = undefined;
    await write();
  };

  return () => {
    if (scheduled === undefined) {
      scheduled = last.then(run);
      last = scheduled.catch(() => {});
    }
    return scheduled;
  };
}
