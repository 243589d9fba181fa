import { readFileSync } from 'node:fs';

/** Loaded ahead of a process: its clock is behind by what the file says when it starts (milliseconds). */
const behindMs = Number(readFileSync(process.env['FAULT_CLOCK'] ?? '', 'utf8'));
const now = Date.now;
Date.now = () => now() - behindMs;
