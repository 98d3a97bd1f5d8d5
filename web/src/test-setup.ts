/** What jsdom lacks and components use. */
class ResizeObserverStub implements ResizeObserver {
  observe(): void {
    return;
  }
  unobserve(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}

globalThis.ResizeObserver ??= ResizeObserverStub;
globalThis.matchMedia ??= (query) =>
  Object.assign(new EventTarget(), { matches: true, media: query }) as MediaQueryList;

HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
