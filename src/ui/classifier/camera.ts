import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** The camera of a host, on while somebody looks into it: it is off when the host leaves the page, and when the page is hidden. */
export class Camera implements ReactiveController {
  /** Null while it is off. */
  stream: MediaStream | null = null;
  private asked = 0;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  static get exists(): boolean {
    return 'mediaDevices' in navigator && typeof navigator.mediaDevices.getUserMedia === 'function';
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.stop();
  }

  /** @throws a DOMException where it is not allowed, or there is none. */
  async start(): Promise<void> {
    const asked = ++this.asked;
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
    // It may have been stopped while the person was asked.
    if (asked !== this.asked) return end(stream);
    this.stream = stream;
    // Unplugged, or taken back in the browser's own bar.
    for (const track of stream.getTracks()) track.addEventListener('ended', () => this.stop());
    this.host.requestUpdate();
  }

  stop(): void {
    this.asked++;
    if (this.stream === null) return;
    end(this.stream);
    this.stream = null;
    this.host.requestUpdate();
  }

  private readonly onVisibility = (): void => {
    if (document.hidden) this.stop();
  };
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** What a video shows now, as a lossless photo. */
export async function snapshot(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
