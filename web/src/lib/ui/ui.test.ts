import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { FakeTiming } from '../testing/timing.js';
import Button from './Button.svelte';
import HoldButton from './HoldButton.svelte';
import { AGAIN_MS, HOLD_MS } from './hold.svelte.js';
import { Preferences } from './preferences.svelte.js';
import Tabs from './Tabs.svelte';
import { TOAST_MS, Toasts, TOASTS_MAX } from './toasts.svelte.js';

const text = (words: string) => createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));

describe('a button that has to be held', () => {
  const show = () => {
    const timing = new FakeTiming();
    const onconfirm = vi.fn();
    render(HoldButton, { label: 'Close 2 positions and stop', testid: 'confirm', timing, onconfirm });
    return { timing, onconfirm, button: screen.getByTestId('confirm') };
  };

  it('a short press does nothing', async () => {
    const { timing, onconfirm, button } = show();
    await fireEvent.pointerDown(button, { button: 0 });
    timing.advance(HOLD_MS - 1);
    await fireEvent.pointerUp(button);
    timing.advance(HOLD_MS);
    expect(onconfirm).not.toHaveBeenCalled();
  });

  it('a second confirms, once', async () => {
    const { timing, onconfirm, button } = show();
    await fireEvent.pointerDown(button, { button: 0 });
    timing.advance(HOLD_MS);
    await fireEvent.pointerUp(button);
    timing.advance(HOLD_MS * 3);
    expect(onconfirm).toHaveBeenCalledTimes(1);
  });

  it('Enter held for a second confirms; its repeats do not start it again', async () => {
    const { timing, onconfirm, button } = show();
    await fireEvent.keyDown(button, { key: 'Enter' });
    timing.advance(HOLD_MS / 2);
    await fireEvent.keyDown(button, { key: 'Enter', repeat: true });
    timing.advance(HOLD_MS / 2);
    expect(onconfirm).toHaveBeenCalledTimes(1);
  });

  it('Enter let go early does nothing', async () => {
    const { timing, onconfirm, button } = show();
    await fireEvent.keyDown(button, { key: 'Enter' });
    timing.advance(HOLD_MS / 2);
    await fireEvent.keyUp(button, { key: 'Enter' });
    timing.advance(HOLD_MS);
    expect(onconfirm).not.toHaveBeenCalled();
  });

  it('a click that nothing pressed asks for a second one', async () => {
    const { timing, onconfirm, button } = show();
    await fireEvent.click(button, { detail: 0 });
    expect(onconfirm).not.toHaveBeenCalled();
    expect(button.textContent).toContain('Press again');
    timing.advance(AGAIN_MS);
    await fireEvent.click(button, { detail: 0 });
    expect(onconfirm).not.toHaveBeenCalled();
    await fireEvent.click(button, { detail: 0 });
    expect(onconfirm).toHaveBeenCalledTimes(1);
  });
});

describe('a button that cannot be used now', () => {
  it('says why, stays focusable and does nothing', async () => {
    const onclick = vi.fn();
    render(Button, { reason: 'Nothing is changed', onclick, children: text('Save') });
    const button = screen.getByRole('button', { name: 'Save' });
    await fireEvent.click(button);
    expect(onclick).not.toHaveBeenCalled();
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.getAttribute('title')).toBe('Nothing is changed');
    button.focus();
    expect(document.activeElement).toBe(button);
  });
});

it('tabs are one choice of a few', async () => {
  const onchange = vi.fn();
  const options = [
    { value: '1D', label: '1D' },
    { value: 'All', label: 'All' },
  ];
  render(Tabs, { label: 'Stretch', options, value: 'All', onchange });
  expect(screen.getByRole('radiogroup', { name: 'Stretch' })).toBeTruthy();
  await fireEvent.click(screen.getByLabelText('1D'));
  expect(onchange).toHaveBeenCalledWith('1D');
});

describe('notes', () => {
  it('news go by themselves, failures stay', () => {
    const timing = new FakeTiming();
    const toasts = new Toasts((ms, run) => timing.after(ms, run));
    toasts.show('Closed', 'good');
    toasts.show('Refused', 'bad');
    timing.advance(TOAST_MS);
    expect(toasts.all.map((toast) => toast.text)).toEqual(['Refused']);
  });

  it('never more than a few', () => {
    const toasts = new Toasts(() => undefined);
    for (let i = 0; i < 20; i += 1) toasts.show(`note ${i}`);
    expect(toasts.all).toHaveLength(TOASTS_MAX);
  });
});

describe('preferences', () => {
  it('are kept', () => {
    new Preferences(localStorage).set({ theme: 'light', shortcuts: false });
    const again = new Preferences(localStorage);
    expect([again.theme, again.gain, again.shortcuts]).toEqual(['light', 'green', false]);
    localStorage.clear();
  });

  it.each(['{', '5', 'null', '{"theme":"pink","gain":7}'])('what was kept as %s is ignored', (kept) => {
    localStorage.setItem('kairos.preferences', kept);
    const { theme, gain, shortcuts } = new Preferences(localStorage);
    expect([theme, gain, shortcuts]).toEqual(['auto', 'green', true]);
    localStorage.clear();
  });
});
