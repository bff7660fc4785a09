/** Seconds after which a sweep is overdue: twice the time between two, and never before an hour. */
export function overdueAfterSeconds(cycleSeconds: number): number {
  return Math.max(2 * cycleSeconds, 3600);
}
