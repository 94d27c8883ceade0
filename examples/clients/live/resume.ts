import type { FormattedExecutionResult } from 'graphql';

export type LiveResult = FormattedExecutionResult<Record<string, unknown>>;

export interface LiveSink {
  next(result: LiveResult): void;
  error(error: Error): void;
}

/** Opens a subscription once, without retries, and returns what closes it. */
type Subscribe = (
  variables: Record<string, unknown>,
  sink: { next(result: LiveResult): void; error(error: unknown): void; complete(): void },
) => () => void;

/**
 * Subscribes, and after any end subscribes again from the last cursor, so that no item is lost or repeated.
 * The subscription has to select `cursor`, and to take it as `$after`.
 */
export function resume(subscribe: Subscribe, variables: Record<string, unknown>, sink: LiveSink): () => void {
  // One object for all attempts: after close code 1000, graphql-ws sends it again by itself.
  const current = { ...variables };
  let failures = 0;
  let isOpen = true;
  let close = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    close = subscribe(current, {
      next(result) {
        failures = 0;
        current.after = lastCursor(result) ?? current.after;
        sink.next(result);
      },
      error(error) {
        if (isOpen && isPermanent(error)) sink.error(toError(error));
        else retry();
      },
      complete: retry,
    });
  };
  const retry = () => {
    if (!isOpen) return;
    const maxWaitMs = Math.min(30_000, 1_000 * 2 ** failures++);
    timer = setTimeout(connect, Math.random() * maxWaitMs); // random, so that clients do not all come back at once
  };

  connect();
  return () => {
    isOpen = false;
    clearTimeout(timer);
    close();
  };
}

function lastCursor({ data }: LiveResult): string | undefined {
  const [value] = Object.values(data ?? {}) as ({ cursor?: string } | null)[];
  return value?.cursor;
}

const permanentCloseCodes = [1009, 4400, 4401, 4403, 4406, 4409, 4429, 4441];
const passingErrorCodes = ['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'];

/** Returns whether the same request would fail again. */
function isPermanent(error: unknown): boolean {
  if (Array.isArray(error)) return !passingErrorCodes.includes(error[0]?.extensions?.code); // GraphQL errors
  const { code, response } = error as { code?: number; response?: Response };
  if (response !== undefined) return response.status < 500 && response.status !== 429; // event stream
  return code !== undefined && permanentCloseCodes.includes(code); // WebSocket
}

function toError(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, reason } = (Array.isArray(error) ? error[0] : error) as {
    message?: string;
    reason?: string;
  };
  return new Error(message ?? reason ?? 'The live feed ended.', { cause: error });
}
