import type { Logger } from '@rookery/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import { readInput } from '../http/route.ts';
import { versionNumber } from '../input.ts';
import { listEnvironments } from '../storage/environments.ts';
import { createSession, endSession, readSession } from '../storage/sessions.ts';
import type { TokenHolder, TokenVerifier } from '../storage/tokens.ts';
import { addAssets } from './assets.ts';
import { sessionCookie, sessionIn } from './cookies.ts';
import type { Html } from './html.ts';
import { framed, messagePage, signInPage } from './layout.ts';
import { createPageCaches, type PageParts, type PageRequest, pageQuery } from './reader.ts';
import { approvalsView } from './views/approvals.ts';
import { checksView, checkView } from './views/checks.ts';
import { graphView } from './views/graph.ts';
import { launchesView } from './views/launches.ts';
import { operationsView } from './views/operations.ts';
import { overviewView } from './views/overview.ts';
import { usageView } from './views/usage.ts';
import { versionsView, versionView } from './views/versions.ts';
import { webhooksView } from './views/webhooks.ts';

export interface PageOptions extends Omit<PageParts, 'caches'> {
  readonly tokens: TokenVerifier;
  readonly log: Logger;
}

interface View {
  /** Path below `/registry`; `:number` is a number. */
  readonly path: string;
  /** Path of the section that it belongs to. */
  readonly section: string;
  readonly title: (number: number | undefined) => string;
  readonly show: (parts: PageParts, request: PageRequest) => Promise<Html>;
}

const views: readonly View[] = [
  { path: '', section: '', title: () => 'Overview', show: overviewView },
  { path: '/versions', section: '/versions', title: () => 'Versions', show: versionsView },
  {
    path: '/versions/:number',
    section: '/versions',
    title: (number) => `Version ${number}`,
    show: versionView,
  },
  { path: '/graph', section: '/graph', title: () => 'Graph', show: graphView },
  { path: '/checks', section: '/checks', title: () => 'Checks', show: checksView },
  { path: '/checks/:number', section: '/checks', title: (number) => `Check ${number}`, show: checkView },
  { path: '/approvals', section: '/approvals', title: () => 'Approvals', show: approvalsView },
  { path: '/usage', section: '/usage', title: () => 'Usage', show: usageView },
  { path: '/launches', section: '/launches', title: () => 'Launches', show: launchesView },
  { path: '/operations', section: '/operations', title: () => 'Operations', show: operationsView },
  { path: '/webhooks', section: '/webhooks', title: () => 'Webhooks', show: webhooksView },
];

/** Nothing but the files of this server: SDL comes from many hands. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const send = (reply: FastifyReply, page: Html, status = 200): FastifyReply =>
  reply
    .code(status)
    .headers({ 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(page.text);

/** Returns whether a form was sent by another site. Browsers name the origin of a form; other programs have no session. */
const isForeign = ({ headers: { origin, host, 'sec-fetch-site': site } }: FastifyRequest): boolean =>
  site === undefined ? origin !== undefined && URL.parse(origin)?.host !== host : site !== 'same-origin';

const answerErrorsAsPages = (app: FastifyInstance, log: Logger): void => {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof RegistryError)
      return send(reply, messagePage('This did not work', error.message), error.status);
    const { statusCode: status = 500, message } = error as { statusCode?: number; message: string };
    if (status < 500) return send(reply, messagePage('This did not work', message), status);
    log.error({ error, requestId: request.id }, 'a page failed');
    const text = `The registry failed; its log has the request ${request.id}.`;
    return send(reply, messagePage('This did not work', text), 500);
  });
};

const form = z.object({ token: z.string().max(200) });

const addSignIn = (app: FastifyInstance, { tokens, database }: PageOptions): void => {
  app.post('/registry/sign-in', async (request, reply) => {
    if (isForeign(request)) throw new RegistryError('FORBIDDEN', 'This form was sent by another site.');
    const { token } = readInput(form, request.body);
    let holder: TokenHolder;
    try {
      holder = await tokens.verify(`Bearer ${token.trim()}`, 'read');
    } catch (error) {
      if (!(error instanceof RegistryError) || error.status >= 500) throw error;
      return send(reply, signInPage('This is not a valid token with the scope read.'), 403);
    }
    const secret = await createSession(database, holder);
    return reply.header('set-cookie', sessionCookie(secret, request.headers.host)).redirect('/registry', 303);
  });
  app.post('/registry/sign-out', async (request, reply) => {
    if (isForeign(request)) throw new RegistryError('FORBIDDEN', 'This form was sent by another site.');
    const secret = sessionIn(request.headers.cookie);
    if (secret !== undefined) await endSession(database, secret);
    return reply.header('set-cookie', sessionCookie('', request.headers.host)).redirect('/registry', 303);
  });
};

const addView = (
  app: FastifyInstance,
  options: PageOptions & PageParts,
  { path, section, title, show }: View,
): void => {
  app.get(`/registry${path}`, async (request, reply) => {
    const reader = await readSession(options.database, sessionIn(request.headers.cookie));
    if (reader === undefined) return send(reply, signInPage(), 401);
    const query = readInput(pageQuery, request.query);
    const { number } = readInput(z.object({ number: versionNumber.optional() }), request.params);
    const environments = await listEnvironments(options.database);
    const environment = query.environment ?? environments[0];
    const content = await show(options, { query, environment, number });
    const frame = { title: title(number), environments, environment, reader: reader.name, section };
    return send(reply, framed(frame, content));
  });
};

/** Adds the page at `/registry`, which people read after signing in with a token. */
export const addPage = (app: FastifyInstance, options: PageOptions): void => {
  app.register(async (page) => {
    answerErrorsAsPages(page, options.log);
    page.addHook('onSend', async (_request, reply) => {
      reply.headers(headers);
    });
    page.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 4_096 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    addAssets(page);
    addSignIn(page, options);
    const caches = createPageCaches();
    for (const view of views) addView(page, { ...options, caches }, view);
  });
};
