import { z } from 'zod';
import { optional, redisSchemes, type Setting, setting, url, whole } from './setting-schemas.ts';

/** The servers that hold accounts, events, messages, documents and feeds, and how the event store is divided. */
export const storeSettings = {
  POSTGRES_URL: setting(
    url('postgres', 'postgresql'),
    undefined,
    'accounts and event store: postgres://host:port/database, or several hosts with commas between, of which the primary is used; npm start runs a Postgres if it is absent',
  ),
  NATS_URL: setting(
    url('nats', 'tls'),
    undefined,
    'JetStream: nats://host:port, or several servers of one cluster with commas between; npm start runs a NATS server if it is absent',
  ),
  NATS_REDUNDANT_URL: setting(
    optional(url('nats', 'tls')),
    '',
    'second, independent JetStream for events that the first does not acknowledge; none if empty',
  ),
  EVENT_STORE_BACKUP_URL: setting(
    optional(url('postgres', 'postgresql')),
    '',
    'second event store with the same events, which continues alone while the first is down; none if empty',
  ),
  EVENT_PARTITION_SIZE: setting(
    whole(1_000, 1_000_000_000),
    '10000000',
    'number of events in each new partition of the event store',
  ),
  EVENT_ARCHIVE_DIR: setting(
    optional(z.string().min(1)),
    '',
    'folder of the backup to which ops archive moves old partitions of the event store; none if empty',
  ),
  AUDIT_HEADS_URL: setting(
    optional(
      z
        .string()
        .regex(
          /^(file:\/\/\/.+|(nats|tls):\/\/[^/]+\/[\w-]+(\?credentials-file=[^&]+)?)$/,
          'an address like file:///path/heads.jsonl or nats://host:port/bucket',
        ),
    ),
    '',
    'location to which the recorder publishes the heads of the hash chain: file:///… or nats://host:port/bucket; none if empty',
  ),
  REDIS_URL: setting(
    url(...redisSchemes),
    undefined,
    'feeds and live hints: redis://host:port, or redis+cluster://host:port,host:port with some nodes of a Redis Cluster (version 7 or later); npm start runs a Redis if it is absent',
  ),
  DOCUMENTS_URL: setting(
    url('mongodb', 'mongodb+srv', 'postgres', 'postgresql'),
    undefined,
    'document store: mongodb:// in production, postgres:// (JSONB) as the embedded default',
  ),
  DOCUMENTS_READ_URL: setting(
    optional(url('mongodb', 'postgres', 'postgresql')),
    '',
    "one replica of the documents that this query subgraph reads instead of DOCUMENTS_URL: a hot standby of Postgres, or a member of MongoDB's replica set with directConnection=true; none if empty",
  ),
  DOCUMENTS_STANDBY_URL: setting(
    optional(url('mongodb', 'mongodb+srv', 'postgres', 'postgresql')),
    '',
    'second document store with its own consumers, for reads while the first is down; none if empty',
  ),
  REDIS_STANDBY_URL: setting(
    optional(url(...redisSchemes)),
    '',
    'second Redis with its own consumer, for feeds and live hints while the first is down; none if empty',
  ),
} as const satisfies Record<string, Setting>;
