/** Work that a request leaves for the time after its answer, with which it would compete. */
export interface Afterwards {
  /** Adds work. It begins at once if the request has been answered, or its client has gone. */
  add(work: () => void): void;
  /** Begins what waits. */
  begin(): void;
}

export const createAfterwards = (): Afterwards => {
  let waiting: (() => void)[] | undefined = [];
  return {
    add(work) {
      if (waiting) waiting.push(work);
      else work();
    },
    begin() {
      const works = waiting ?? [];
      waiting = undefined;
      for (const work of works) work();
    },
  };
};
