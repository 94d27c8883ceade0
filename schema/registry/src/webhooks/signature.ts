import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** Returns a new secret in the form of the Standard Webhooks specification. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

interface Message {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** Returns the headers of a message, as the Standard Webhooks specification defines them. */
export const signedHeaders = (secret: string, { id, timestamp, body }: Message): Record<string, string> => {
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const signature = createHmac('sha256', key).update([id, timestamp, body].join('.')).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
};
