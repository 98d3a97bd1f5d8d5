import type { Attachment } from 'svelte/attachments';

/** How long a changed value glows. */
export const GLOW_MS = 300;

const shown = new WeakMap<Element, unknown>();

/** Lets an element glow for a moment when its value changes; never at first, nor where motion is not wanted. */
export function glow(value: unknown): Attachment<HTMLElement> {
  return (element) => {
    const isChange = shown.has(element) && shown.get(element) !== value;
    shown.set(element, value);
    if (!isChange || document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    element.animate([{ backgroundColor: 'color-mix(in srgb, var(--accent) 16%, transparent)' }, {}], GLOW_MS);
  };
}
