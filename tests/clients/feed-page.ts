import type { Page } from 'playwright-core';

/** A post as the page shows it. */
export interface ShownPost {
  readonly body: string;
  readonly isLiked: boolean;
  readonly likes: number;
}

/** The page of an example. All of them render the same elements. */
export class FeedPage {
  readonly page: Page;
  /** `after` of every subscription that the page has sent, in order. */
  readonly cursors: (string | undefined)[] = [];
  /** Errors and warnings of the page, except that the gateway does not answer, or refuses because it stops. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.#recordSubscription(request.postData()));
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.#recordSubscription(String(payload)));
    });
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (!/net::ERR_|WebSocket connection to|status of 503/.test(message.text()))
        this.complaints.push(message.text());
    });
  }

  /** Opens the page as a signed-in user. */
  async open(url: string, token: string): Promise<void> {
    await this.page.addInitScript(`sessionStorage.setItem('token', ${JSON.stringify(token)})`);
    await this.page.goto(url);
  }

  posts(): Promise<ShownPost[]> {
    return this.page.evaluate<ShownPost[]>(`[...document.querySelectorAll('ol > li')].map((item) => {
      const button = item.querySelector('button');
      return {
        body: item.querySelector('span').textContent,
        isLiked: button.getAttribute('aria-pressed') === 'true',
        likes: Number(/\\d+/.exec(button.textContent)[0]),
      };
    })`);
  }

  bodies = async (): Promise<string[]> => (await this.posts()).map(({ body }) => body);

  post = async (body: string): Promise<ShownPost | undefined> =>
    (await this.posts()).find((post) => post.body === body);

  more = (): Promise<void> => this.page.getByRole('button', { name: 'More' }).click();

  like = (body: string): Promise<void> =>
    this.page.locator('ol > li', { hasText: body }).getByRole('button').click();

  /** Texts of the errors that the page shows. */
  alerts = (): Promise<string[]> => this.page.getByRole('alert').allTextContents();

  /** Holds the next like back on its way to the server, until the returned function is called. */
  async holdLike(): Promise<() => Promise<void>> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const isLike = (body: string | null) => body?.includes('likePost') === true;
    await this.page.route('**/graphql', async (route, request) => {
      if (isLike(request.postData())) await released;
      await route.continue();
    });
    return async () => {
      const answered = this.page.waitForResponse((response) => isLike(response.request().postData()));
      release();
      await (await answered).finished();
      await this.page.unrouteAll({ behavior: 'wait' });
    };
  }

  #recordSubscription(sent: string | null): void {
    if (sent === null || !/"query":"\s*subscription/.test(sent)) return;
    const message = JSON.parse(sent) as Message & { payload?: Message };
    this.cursors.push((message.payload ?? message).variables?.after);
  }
}

interface Message {
  readonly variables?: { readonly after?: string };
}
