/** A signal that goes off at SIGINT or SIGTERM, for what can be taken up again later. */
export const untilSignal = (): { readonly signal: AbortSignal } & AsyncDisposable => {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('stopped; the same command goes on where it was'));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: stopping.signal,
    async [Symbol.asyncDispose]() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
};
