// Loaded before the program (node --require): its time is what PICTURE_TIME says, in milliseconds, and stands still.
const now = Number(process.env.PICTURE_TIME);

globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [now] : args));
  }

  static now() {
    return now;
  }
};
