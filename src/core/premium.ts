/** Premium that ends within this time, in milliseconds, is announced. */
export const PREMIUM_NOTICE_MS = 7 * 24 * 3600 * 1000;

/** What to do about premium that has ended or soon will. */
export const RENEW_PREMIUM = "renew it at https://alldebrid.com/offer";
