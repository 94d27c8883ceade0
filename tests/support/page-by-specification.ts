/** Page of a connection: `size` items forward after a position, or backward before one. */
export interface RequestedPage {
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  readonly after: number | undefined;
  readonly before: number | undefined;
}

/**
 * Returns a page by the algorithm of Relay's specification for cursor connections, over the whole visible list at once.
 * @param visible positions in the order of the list
 */
export const pageBySpecification = (
  visible: readonly number[],
  order: 'asc' | 'desc',
  request: RequestedPage,
) => {
  const { after, before, size } = request;
  const isForward = request.direction === 'forward';
  const precedes = (a: number, b: number) => (order === 'asc' ? a < b : a > b);
  const window = visible
    .filter((position) => after === undefined || precedes(after, position))
    .filter((position) => before === undefined || precedes(position, before));
  const isCut = window.length > size;
  return {
    positions: isForward ? window.slice(0, size) : window.slice(-size),
    hasPrevious: (!isForward && isCut) || visible.some((one) => after !== undefined && !precedes(after, one)),
    hasNext: (isForward && isCut) || visible.some((one) => before !== undefined && !precedes(one, before)),
  };
};
