/** A comparison is meaningless at the moment: exit code 3. */
export class CanNotVerify extends Error {
  override name = 'CanNotVerify';
}
