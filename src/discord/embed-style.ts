/** The colours of an embed's edge. */
export const COLORS = { red: 0xe74c3c, amber: 0xf1c40f, green: 0x2ecc71, blue: 0x3498db } as const;

/** The longest name of an account that is shown, in UTF-16 units. */
export const LONGEST_ACCOUNT = 80;
