import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { RelayEnvironmentProvider } from 'react-relay';
import { environment } from './environment.ts';
import { Feed } from './feed.tsx';

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <RelayEnvironmentProvider environment={environment}>
    <Suspense fallback="Loading">
      <Feed />
    </Suspense>
  </RelayEnvironmentProvider>,
);
