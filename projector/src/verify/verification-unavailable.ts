/** A comparison is meaningless at the moment: exit code 3. */
export class VerificationUnavailableError extends Error {
  override name = 'VerificationUnavailableError';
}
