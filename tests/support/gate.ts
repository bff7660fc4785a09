/** Something to wait at until it is opened. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A closed gate; what a sandbox's `hold` fault waits for. */
export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
