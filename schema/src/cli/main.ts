#!/usr/bin/env node
import { runSchema } from './run.ts';

process.exitCode = await runSchema(process.argv.slice(2));
