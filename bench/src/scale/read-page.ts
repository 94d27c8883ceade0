import { type FriendsFeedPage, friendsFeedPage } from '../friends-feed-page.ts';
import type { Member } from '../member.ts';

/** Value of FEED_CAP. */
export const cap = 800;
export const pageSize = 20;

export const readPage = ({ client }: Member, after: string | null = null, first = pageSize) =>
  client.ask<FriendsFeedPage>(friendsFeedPage, { first, after });
