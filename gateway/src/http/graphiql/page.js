// Runs in the browser: GraphiQL with a fetcher that sends the headers of the headers pane along, over HTTP in the
// request and over WebSocket in connection_init.
/* global YogaGraphiQL, graphqlWs */

const assets = document.currentScript.dataset.assets;
const workers = {
  editorWorkerService: 'editor.worker.js',
  json: 'json.worker.js',
  graphql: 'graphql.worker.js',
};
globalThis.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_module, label) => `${assets}/${workers[label] ?? workers.editorWorkerService}`,
};

/** Header names in lower case; a "Bearer" with no token after it is left out. */
const headersOf = (given) =>
  Object.fromEntries(
    Object.entries(given ?? {})
      .map(([name, value]) => [name.toLowerCase(), String(value).trim()])
      .filter(([name, value]) => !(name === 'authorization' && /^(bearer)?$/i.test(value))),
  );

const post = async (request, headers) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
};

/** One socket for each subscription: it closes with it, and a new token needs a new connection_init. */
const subscribe = (request, headers) => {
  const url = new URL('/graphql', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return graphqlWs.createClient({ url: url.href, connectionParams: headers }).iterate(request);
};

const isSubscription = (document, operationName) =>
  document?.definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!operationName || definition.name?.value === operationName),
  );

YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  title: 'Rookery',
  // A token is not for localStorage, unless its owner wants it there.
  shouldPersistHeaders: false,
  headers: JSON.stringify({ authorization: 'Bearer ' }, null, 2),
  fetcher: (request, { headers, documentAST } = {}) =>
    isSubscription(documentAST, request.operationName)
      ? subscribe(request, headersOf(headers))
      : post(request, headersOf(headers)),
});
