import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { client } from './client.ts';
import { Feed } from './feed.tsx';

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <Provider value={client}>
    <Feed />
  </Provider>,
);
