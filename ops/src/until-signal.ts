/** Returns a signal that aborts on SIGINT or SIGTERM, for resumable work. */
export const untilSignal = (): { readonly signal: AbortSignal } & AsyncDisposable => {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('stopped; run the same command again to resume'));
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
