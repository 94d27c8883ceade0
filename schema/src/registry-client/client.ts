import { errorAnswer } from '@rookery/registry-protocol';
import type { z } from 'zod';
import { CommandError, type FailedOutcome } from '../model/outcome.ts';

/** Address of a registry, with what a client needs there. */
export interface RegistryAccess {
  readonly url: string;
  readonly token: string;
  /** Fleet of gateways that a command is about. */
  readonly environment: string;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** Outcomes by the status of an answer; every other one means that the registry fails. */
const outcomesByStatus: Readonly<Record<number, FailedOutcome>> = {
  400: 'unusable-input',
  401: 'access-denied',
  403: 'access-denied',
  404: 'unusable-input',
  409: 'conflict',
  413: 'unusable-input',
};

/** Returns why a request failed: fetch hides that in the cause. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
};

/** Sends requests to a registry. Each wait is bounded, and each failure is one line. */
export class RegistryClient {
  readonly #access: RegistryAccess;

  constructor(access: RegistryAccess) {
    this.#access = access;
  }

  get environment(): string {
    return this.#access.environment;
  }

  get url(): string {
    return this.#access.url;
  }

  /** @throws CommandError */
  get<T>(path: string, answer: z.ZodType<T>, query: Query = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) search.set(name, String(value));
    return this.#ask(search.size === 0 ? path : `${path}?${search}`, undefined, answer);
  }

  /** @throws CommandError */
  post<T>(path: string, body: object, answer: z.ZodType<T>): Promise<T> {
    return this.#ask(path, body, answer);
  }

  /** Returns the path of something in the environment. */
  inEnvironment(path: string): string {
    return `/v1/environments/${this.environment}${path}`;
  }

  async #ask<T>(path: string, body: object | undefined, answer: z.ZodType<T>): Promise<T> {
    const { status, text } = await this.#fetch(path, body);
    const json = parseJson(text);
    if (status < 200 || status > 299) throw this.#refusal(status, json);
    const parsed = answer.safeParse(json);
    if (!parsed.success)
      throw new CommandError('unusable-input', `${this.url} does not answer as a registry of this version`);
    return parsed.data;
  }

  async #fetch(
    path: string,
    body: object | undefined,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { token, timeoutMs } = this.#access;
    try {
      const response = await fetch(`${this.url}${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        // Another origin must not get the token.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const why =
        (error as Error).name === 'TimeoutError'
          ? `no answer within ${timeoutMs / 1_000} s`
          : reasonOf(error);
      throw new CommandError(
        'registry-unavailable',
        `the registry at ${this.url} is unavailable (${why}): check REGISTRY_URL, or try again later`,
        { cause: error },
      );
    }
  }

  #refusal(status: number, json: unknown): CommandError {
    const { data } = errorAnswer.safeParse(json);
    const outcome = outcomesByStatus[status] ?? 'registry-unavailable';
    const message = data?.error.message.replaceAll(/\s+/g, ' ').trim();
    return new CommandError(outcome, message || `${this.url} answers ${status}`);
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
