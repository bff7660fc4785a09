/** Who is told how far a sweep has come. All counts are of magnets. */
export interface Progress {
  /** So many more are to be restarted and deleted. */
  planned(restarts: number, deletions: number): void;
  /** So many of the restarts are settled, one way or the other. */
  restarted(count: number): void;
  /** So many of the deletions are settled, one way or the other. */
  deleted(count: number): void;
}
