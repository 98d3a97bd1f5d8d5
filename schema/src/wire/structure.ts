/**
 * What valid JSON may still not be: nested too deep, with one key twice, or with a key that JavaScript's own objects
 * have. Readers differ in what they make of such messages, so nobody is asked to guess.
 */
import { ValueError } from '../value/errors.js';

/** Objects and lists within one another. */
export const NESTING_MAX = 32;

const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** @throws ValueError that says what the message, of which `text` is the JSON, must not be. */
export function checkStructure(text: string, message: unknown): void {
  const keys = countKeys(message, 1);
  if (keys < countMembers(text)) throw new ValueError('each key of an object once', 'one of them twice');
}

function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > NESTING_MAX) throw new ValueError(`at most ${NESTING_MAX} levels of objects and lists`, 'more');
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item, depth + 1);
    return count;
  }
  for (const [key, item] of Object.entries(value)) {
    if (RESERVED_KEYS.has(key)) throw new ValueError('keys that no object has of itself', key);
    count += 1 + countKeys(item, depth + 1);
  }
  return count;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Members that the text of valid JSON writes: its colons outside of strings. */
function countMembers(text: string): number {
  let members = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isString = !isString;
    else if (!isString && code === COLON) members++;
    else if (isString && code === BACKSLASH) i++;
  }
  return members;
}
