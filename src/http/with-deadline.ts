/**
 * Does the work with a signal that aborts once `timeoutMs` are over, or as soon as `abort` does. Which of the two it
 * was is told by `abort.aborted`.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  abort: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any: in Node 20 its timeouts can be collected as garbage before they fire.
  const deadline = new AbortController();
  const end = () => deadline.abort();
  const timer = setTimeout(end, timeoutMs);
  abort.addEventListener("abort", end, { once: true });
  if (abort.aborted) end();
  try {
    return await work(deadline.signal);
  } finally {
    clearTimeout(timer);
    abort.removeEventListener("abort", end);
  }
}
