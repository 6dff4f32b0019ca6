import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/** On a `<canvas ${bitmap(image)}>`: draws the image at its own size, anew only when it changes. */
class BitmapDirective extends Directive {
  private drawn: ImageBitmap | undefined;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('bitmap() belongs on a canvas element');
  }

  override render(_bitmap: ImageBitmap): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [bitmap]: [ImageBitmap]): unknown {
    if (bitmap !== this.drawn && element instanceof HTMLCanvasElement) {
      this.drawn = bitmap;
      element.width = bitmap.width;
      element.height = bitmap.height;
      element.getContext('2d')?.drawImage(bitmap, 0, 0);
    }
    return noChange;
  }
}

export const bitmap = directive(BitmapDirective);
