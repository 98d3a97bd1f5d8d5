import { fireEvent, render, screen, within } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors.js';
import { createStage } from '../testing/app.js';
import type { Stage } from '../testing/app.js';
import { account, command, decision, position, signal, step, trade } from '../testing/entities.js';
import Provide from '../testing/Provide.svelte';
import { settled } from '../testing/timing.js';
import EquityTiles from './EquityTiles.svelte';
import Header from './Header.svelte';
import PanicSheet from './PanicSheet.svelte';
import PositionsTable from './PositionsTable.svelte';
import SignalList from './SignalList.svelte';
import StatusBanner from './StatusBanner.svelte';
import TradesTable from './TradesTable.svelte';

let stage: Stage;

beforeEach(async () => {
  stage = await createStage();
});

function show<Props extends Record<string, unknown>>(component: Component<Props>, props: Props): void {
  const shown = component as unknown as Component<Record<string, unknown>>;
  render(Provide<Record<string, unknown>>, { app: stage.app, component: shown, given: props });
}

const words = (element: HTMLElement): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
/** A row's cells, with a bar between them. */
const cells = (row: HTMLElement | undefined): string => [...(row?.querySelectorAll('td') ?? [])].map(words).join(' | ');

describe('tiles', () => {
  it('before the first figures nothing is pretended', () => {
    show(EquityTiles, { desk: stage.desk, isStale: false });
    expect(words(screen.getByTestId('tile-equity'))).toBe('–');
    expect(words(screen.getByTestId('tile-win-rate'))).toBe('–');
  });

  it('show shortened figures and keep every digit', async () => {
    show(EquityTiles, { desk: stage.desk, isStale: false });
    stage.show({
      equity: '5019.04750256',
      realizedPnl: '19.04750256',
      closedTrades: 13,
      wins: 8,
      losses: 5,
      winRate: 8 / 13,
    });
    await tick();
    expect(words(screen.getByTestId('tile-equity'))).toBe('5,019.05');
    expect(screen.getByTestId('tile-equity').dataset['value']).toBe('5019.04750256');
    expect(words(screen.getByTestId('tile-realized'))).toBe('▲ +19.05');
    expect(words(screen.getByTestId('tile-win-rate'))).toBe('61.5 %');
    expect(screen.getByText(/8 W \/ 5 L/)).toBeTruthy();
  });

  it('say how old they are once they are too old', async () => {
    show(EquityTiles, { desk: stage.desk, isStale: true });
    stage.show();
    await tick();
    expect(screen.getByText(/old ·/)).toBeTruthy();
  });
});

describe('open positions', () => {
  it('show figures, time held and a way out that asks first', async () => {
    show(PositionsTable, { desk: stage.desk, isStale: false });
    stage.show({ positions: [position()] });
    await tick();
    const row = within(screen.getByTestId('positions-table')).getAllByRole('row')[1] as HTMLElement;
    expect(cells(row)).toBe(
      'BTCUSDT | 0.036639 | 68,234.00 | 68,891.00 | 2,524.07 | ▲ +24.07 | +0.96 % | 80 % | off · off | 1 h 12 m | Close at market',
    );
    await fireEvent.click(within(row).getByRole('button', { name: 'Close BTCUSDT at market' }));
    expect(screen.getByRole('dialog', { name: 'Close BTCUSDT at market?' })).toBeTruthy();
    expect(stage.api.timesAsked('ClosePosition')).toBe(0);
  });

  it('a confirmed close is requested, and told when it is done', async () => {
    stage.api.on('ClosePosition', () => ({ closePosition: command({ id: 'c9', action: 'CLOSE_POSITION' }) }));
    show(PositionsTable, { desk: stage.desk, isStale: false });
    stage.show({ positions: [position()] });
    await tick();
    await fireEvent.click(screen.getByRole('button', { name: 'Close BTCUSDT at market' }));
    await fireEvent.click(screen.getByRole('button', { name: /^Sell/ }));
    await settled();
    expect(stage.api.asked.at(-2)?.variables).toEqual({ tradeId: 't1' });
    const closed = step('POSITION_CLOSED', { tradeId: 't1', symbol: 'BTCUSDT', price: '68500' });
    const done = command({ id: 'c9', action: 'CLOSE_POSITION', status: 'DONE', steps: [closed] });
    stage.sockets.last.running('CommandUpdated')[0]?.next({ commandUpdated: done });
    expect(stage.app.toasts.all.map((toast) => toast.text)).toEqual([
      'Closing BTCUSDT: requested',
      'BTCUSDT closed at 68,500',
    ]);
  });

  it('why nothing new is opened is said', async () => {
    show(PositionsTable, { desk: stage.desk, isStale: false });
    stage.show({ entryBlocks: [{ symbol: null, reason: 'TRADING_PAUSED', until: null }] });
    await tick();
    expect(screen.getByText(/Nothing new is opened: trading is paused/)).toBeTruthy();
  });
});

it('trades are told apart by word and colour', () => {
  const trades = [
    trade({ id: 't3', seq: 5 }),
    trade({ id: 't2', seq: 4, status: 'CLOSED', pnl: '19.04750256', exitReason: 'SIGNAL' }),
    trade({ id: 't1', seq: 3, status: 'CLOSED', pnl: '-2.1', exitReason: 'STOP_LOSS' }),
  ];
  show(TradesTable, { trades, positions: [position({ id: 't3', unrealizedPnl: '1.5' })], isStale: false });
  const rows = within(screen.getByTestId('trades-table')).getAllByRole('row').slice(1) as HTMLElement[];
  expect(rows.map((row) => row.dataset['tone'])).toEqual(['open', 'gain', 'loss']);
  expect(cells(rows[0])).toContain('OPEN | +1.50');
  expect(cells(rows[1])).toContain('Closed · signal | ▲ +19.05');
  expect(cells(rows[2])).toContain('Closed · stop loss | ▼ −2.10');
});

it('signals say what became of them', () => {
  const rows = [
    { signal: signal({ id: 's3' }), decision: null },
    { signal: signal({ id: 's2', symbol: 'DOGEUSDT' }), decision: null },
    { signal: signal(), decision: decision() },
  ];
  show(SignalList, { rows, account: account() });
  const lines = within(screen.getByTestId('signals-list')).getAllByRole('listitem').map(words);
  expect(lines[0]).toContain('Waiting for the engine');
  expect(lines[1]).toContain('Not traded by this account');
  expect(lines[2]).toContain('Denied: confidence 71 % is under your 75 %');
});

describe('panic', () => {
  const hold = async (): Promise<void> => {
    const button = screen.getByTestId('panic-confirm');
    await fireEvent.pointerDown(button, { button: 0 });
    stage.timing.advance(1_000);
    await settled();
    await tick();
  };

  it('lists what will be sold, names its outcome, and has the focus on Cancel', async () => {
    stage.show({ positions: [position(), position({ id: 't2', symbol: 'ETHUSDT' })] });
    show(PanicSheet, { desk: stage.desk, onclose: () => undefined });
    await tick();
    const [, first] = within(screen.getByTestId('panic-sheet')).getAllByRole('row');
    expect(cells(first)).toBe('BTCUSDT | 0.03663862 | 68,891.00 | ▲ +24.07');
    expect(words(screen.getByTestId('panic-confirm'))).toContain('Close 2 positions and stop');
    expect(document.activeElement).toBe(screen.getByTestId('panic-cancel'));
  });

  it('without figures it still stops whatever is open', () => {
    show(PanicSheet, { desk: null, onclose: () => undefined });
    expect(words(screen.getByTestId('panic-confirm'))).toContain('Close whatever is open and stop');
  });

  it('says requested at once and done only on the event', async () => {
    stage.api.on('Panic', () => ({ panicStop: command() }));
    stage.show({ positions: [position()] });
    show(PanicSheet, { desk: stage.desk, onclose: () => undefined });
    await hold();
    const progress = screen.getByTestId('panic-progress');
    expect(words(progress)).toContain('Requested by admin');
    expect(words(progress)).toContain('Waiting for the engine');
    const steps = [
      step('ENTRIES_BLOCKED'),
      step('POSITION_CLOSED', { tradeId: 't1', symbol: 'BTCUSDT', price: '68500' }),
      step('FLAT'),
      step('STOPPED'),
    ];
    stage.sockets.last.running('CommandUpdated')[0]?.next({ commandUpdated: command({ status: 'DONE', steps }) });
    await tick();
    expect(words(progress)).toMatch(/Entries blocked.*BTCUSDT closed at 68,500.*Flat.*Stopped/);
    expect(screen.getByRole('dialog', { name: 'Stopped' })).toBeTruthy();
  });

  it('a failed close stays on the screen', async () => {
    stage.api.on('Panic', () => ({ panicStop: command() }));
    show(PanicSheet, { desk: stage.desk, onclose: () => undefined });
    await hold();
    const steps = [step('CLOSE_FAILED', { tradeId: 't1', symbol: 'BTCUSDT', error: 'the venue did not answer' })];
    stage.sockets.last.running('CommandUpdated')[0]?.next({ commandUpdated: command({ status: 'PARTIAL', steps }) });
    await tick();
    expect(screen.getByRole('alert').textContent).toContain('1 could not be closed yet');
  });

  it('a request that failed says so, with the other way to stop', async () => {
    stage.api.on('Panic', () => {
      throw new ApiError('UNAVAILABLE', 'The bus does not answer.');
    });
    show(PanicSheet, { desk: stage.desk, onclose: () => undefined });
    await hold();
    expect(words(screen.getByRole('alert'))).toContain('Not requested: The bus does not answer.');
    expect(screen.queryByTestId('panic-progress')).toBeNull();
  });
});

describe('stopped', () => {
  it('is said with who, why and when, and resuming asks first', async () => {
    stage.api.on('Account', () => ({
      account: account({
        status: 'STOPPED',
        statusChangedBy: 'admin',
        statusReason: 'Panic button',
        statusChangedAt: '2024-08-05T12:00:03.000Z',
      }),
    }));
    stage.api.on('Resume', () => ({ resumeTrading: command({ id: 'c2', action: 'RESUME_BOT' }) }));
    show(StatusBanner, { desk: stage.desk, onshowpanic: () => undefined });
    stage.show({ status: 'STOPPED' });
    await settled();
    await tick();
    expect(words(screen.getByRole('region', { name: 'Trading status' }))).toContain(
      'STOPPED by admin since 2024-08-05 12:00:03 UTC “Panic button”',
    );
    await fireEvent.click(screen.getByTestId('resume'));
    expect(stage.api.timesAsked('Resume')).toBe(0);
    await fireEvent.click(screen.getByTestId('resume-confirm'));
    expect(stage.api.timesAsked('Resume')).toBe(1);
  });

  it('while it is still closing it cannot be resumed, and says why', async () => {
    show(StatusBanner, { desk: stage.desk, onshowpanic: () => undefined });
    stage.show({ status: 'STOPPING' });
    await tick();
    expect(screen.getByTestId('resume').getAttribute('title')).toContain('once everything is closed');
  });
});

describe('the header', () => {
  it('knows nothing before the first answer', () => {
    show(Header, { desk: stage.desk, isStale: false, onpanic: () => undefined });
    expect(screen.getByTestId('engine-light').dataset['state']).toBe('unknown');
    expect(words(screen.getByTestId('status'))).toBe('UNKNOWN');
    expect(words(screen.getByTestId('mode-badge'))).toBe('PAPER');
    expect(words(screen.getByTestId('feed-badge'))).toBe('SIMULATED');
  });

  it('once stopped, panic says that there is nothing to stop', async () => {
    let opened = 0;
    show(Header, { desk: stage.desk, isStale: false, onpanic: () => (opened += 1) });
    await fireEvent.click(screen.getByTestId('panic-open'));
    stage.show({ status: 'STOPPED' });
    await tick();
    await fireEvent.click(screen.getByTestId('panic-open'));
    expect(opened).toBe(1);
    expect(screen.getByTestId('panic-open').getAttribute('title')).toContain('Already stopped');
  });
});
