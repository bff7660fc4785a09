/** A body larger than allowed; reading ended there. */
export class BodyTooLargeError extends Error {}

/** The answer began to come and did not end as it should: cut off, or not what its headers say. */
export class BrokenAnswerError extends Error {}

/** The answer sends us to another address, where the secret of the request has no business. */
export class RedirectError extends Error {}
