import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import type { KubeObject, Manifest } from './objects.ts';

/** Address and credentials of a cluster; plain data, which crosses to the workers of vitest. */
export interface ClusterAccess {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
  readonly kubeconfig: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Texts that the API server adds for people, about deprecated or unknown fields say. */
  readonly warnings: readonly string[];
}

interface Sent {
  readonly body?: unknown;
  readonly type?: string;
}

export interface Api extends AsyncDisposable {
  /** Sends a request, and returns its answer whatever its status is. */
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  /** @throws Error with the message of the API server if it refuses */
  get<T>(path: string): Promise<T>;
  list<T>(path: string): Promise<readonly T[]>;
  /** Sends a merge patch. @throws Error like `get` */
  patch(path: string, patch: unknown): Promise<void>;
  /** Creates an object, and returns the warnings. @throws Error like `get` */
  create(object: Manifest, options?: CreateOptions): Promise<readonly string[]>;
  /** Returns the path of the objects of a kind in a namespace, or of those without one. */
  pathOf(object: Manifest, namespace?: string): Promise<string>;
  /**
   * Reports the objects of a path at first and after each change, until `signal` is aborted.
   * @throws Error if the connection breaks, or what `onState` throws
   */
  follow<T extends KubeObject>(
    path: string,
    signal: AbortSignal,
    onState: (objects: readonly T[]) => void,
  ): Promise<void>;
}

interface CreateOptions {
  readonly namespace?: string;
  /** Only asks if the object would be accepted, to the last field. */
  readonly dryRun?: boolean;
}

interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

interface Change<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR';
  readonly object: T;
}

interface ApiResources {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

/** `299 - "text"`, several of them in one header. */
const warning = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** Opens a client of the API server. */
export const openApi = ({ url, caFile, token }: ClusterAccess): Api => {
  const dispatcher = new Agent({
    connect: { ca: readFileSync(caFile) },
    bodyTimeout: 0,
    headersTimeout: 60_000,
  });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const kinds = new Map<string, Promise<ApiResources>>();

  const send = async (method: string, path: string, { body, type }: Sent = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      dispatcher,
      headers: { ...headers, 'content-type': type ?? 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const warnings = [...(response.headers.get('warning') ?? '').matchAll(warning)].map(
      ([, said]) => said ?? '',
    );
    return { status: response.status, body: parsed(text), warnings };
  };
  const mustSend = async (method: string, path: string, sent?: Sent): Promise<Answer> => {
    const answer = await send(method, path, sent);
    if (answer.status < 300) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${messageOf(answer.body)}`);
  };
  const get = async <T>(path: string): Promise<T> => (await mustSend('GET', path)).body as T;

  const pathOf = async ({ apiVersion, kind }: Manifest, namespace?: string): Promise<string> => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = kinds.get(base) ?? get<ApiResources>(base);
    kinds.set(base, known);
    known.catch(() => kinds.delete(base));
    const found = (await known).resources.find((each) => each.kind === kind && !each.name.includes('/'));
    if (found === undefined) throw new Error(`the cluster has no ${kind} of ${apiVersion}`);
    return found.namespaced
      ? `${base}/namespaces/${namespace ?? 'default'}/${found.name}`
      : `${base}/${found.name}`;
  };

  return {
    send,
    get,
    pathOf,
    list: async <T>(path: string) => (await get<{ items: T[] }>(path)).items,
    patch: async (path, patch) => {
      await mustSend('PATCH', path, { body: patch, type: 'application/merge-patch+json' });
    },
    create: async (object, { namespace, dryRun = false } = {}) => {
      const path = await pathOf(object, object.metadata.namespace ?? namespace);
      const query = dryRun ? '?dryRun=All&fieldValidation=Strict' : '?fieldValidation=Strict';
      return (await mustSend('POST', `${path}${query}`, { body: object })).warnings;
    },
    follow: async (path, signal, onState) => {
      const { metadata, items } = await get<ObjectList<Parameters<typeof onState>[0][number]>>(path);
      const objects = new Map(items.map((object) => [object.metadata.uid, object]));
      onState([...objects.values()]);
      const query = `${path.includes('?') ? '&' : '?'}watch=true&resourceVersion=${metadata.resourceVersion}`;
      try {
        const { body } = await fetch(`${url}${path}${query}`, { dispatcher, headers, signal });
        for await (const line of linesOf(body ?? [])) {
          const { type, object } = JSON.parse(line) as Change<(typeof items)[number]>;
          if (type === 'ERROR') throw new Error(`${path}: ${messageOf(object)}`);
          if (type === 'DELETED') objects.delete(object.metadata.uid);
          else objects.set(object.metadata.uid, object);
          onState([...objects.values()]);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      if (!signal.aborted) throw new Error(`the watch of ${path} ended`);
    },
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
};

async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text; // health endpoints answer with words
  }
};

const messageOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : String(body);
