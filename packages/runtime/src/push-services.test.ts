import { expect, it } from 'vitest';
import { isPushService } from './push-services.ts';

const services = ['fcm.example.com', '*.push.example.org', 'http://127.0.0.1:4999'];

it.each([
  'https://fcm.example.com/send/abc',
  'https://FCM.example.com/send',
  'https://web.push.example.org/x',
  'http://127.0.0.1:4999/inbox',
])('%s is one of a push service', (endpoint) => expect(isPushService(endpoint, services)).toBe(true));

it.each([
  'http://fcm.example.com/send/abc',
  'https://fcm.example.com:8443/send',
  'https://fcm.example.com.evil.example/send',
  'https://evil-fcm.example.com/send',
  'https://push.example.org/x',
  'https://xpush.example.org/x',
  'https://name@fcm.example.com/send',
  'https://fcm.example.com@169.254.169.254/send',
  'https://169.254.169.254/latest/meta-data',
  'https://127.0.0.1:4999/inbox',
  'http://127.0.0.1:5000/inbox',
  'http://localhost:4999/inbox',
  'http://[::1]:4999/',
  'https://10.0.0.1/',
  'file:///etc/passwd',
  'ftp://fcm.example.com/',
  'javascript:alert(1)',
  '//fcm.example.com/send',
  'fcm.example.com',
  '',
  `https://fcm.example.com/${'x'.repeat(1_000)}`,
])('%s is none', (endpoint) => expect(isPushService(endpoint, services)).toBe(false));
