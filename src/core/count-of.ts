/** A count and what is counted: `1 account`, `2 accounts`. The plural is the noun with an s unless told. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** How many notifications wait to be sent, as the head of a sentence. */
export function notificationsWait(count: number): string {
  return countOf(count, "notification waits", "notifications wait");
}
