/**
 * Everything that a person can be told of by code: failures, and the sentinel's advice. `what` and `remedy` are English sentences made from `details`;
 * the page translates by code and details, the terminal prints them as they are.
 */
const CATALOGUE = {
  'no-images': ['No image was found in {source}.', 'Use a zip or a folder that holds one folder of photos for each class.'],
  'one-class': ['Only one class was found: {class}.', 'Put the photos of each class in a folder of its own; two classes are the least.'],
  'class-too-small': ['Class {class} has {count} image(s), too few to split.', 'Add photos to {class}, or leave the class out; each class needs at least {least}.'],
  'too-many-classes': ['{count} classes were found.', 'Winnow trains at most 1000 classes; merge or leave out some.'],
  'zip-broken': ['{source} is no complete zip archive.', 'Download or copy it again, and check that its size is right.'],
  'zip-unsafe': ['{source} was refused: {why}.', 'Make the archive anew from plain files.'],
  'idx-broken': ['{source} is no valid IDX file: {why}.', 'Give the images file and the labels file of one pair, gzipped or not.'],
  'disk-full': ['The browser has no room left to store {what}.', 'Free disk space or delete a dataset or a run, then try again. What was stored before is intact.'],
  'disk-short': ['{source} needs {needs} of storage; the browser has {room} left for Winnow.', 'Free disk space or delete a dataset or a run, then try again.'],
  'storage-blocked': ['Another tab holds an older Winnow open, and its storage with it.', 'Close the other tabs of Winnow, then reload this one.'],
  'storage-failed': ['The browser does not let Winnow store anything: {why}.', 'Leave private browsing, allow site data for this page, or update the browser.'],
  'weights-missing': ['The {kind} weights of run {id} are not stored here.', 'Train the run again.'],
  'weights-broken': ['The {kind} weights of run {id} were damaged in storage.', 'Train the run again; its history is intact.'],
  'dataset-missing': ['Dataset {id} is not stored here.', 'Import it again.'],
  'run-missing': ['Run {id} is not stored here.', 'Train it again.'],
  'arch-unknown': ['There is no architecture called {arch}.', 'Choose one of: {known}.'],
  'size-invalid': ['{arch} cannot take images of {size} pixels.', 'Choose a side of {least} to {most}.'],
  'settings-invalid': ['{setting} cannot be {value}.', 'Use {allowed}.'],
  'model-broken': ['{source} is no model that Winnow can read: {why}.', 'Use a file that Winnow wrote, or export the model again.'],
  'export-too-large': ['{arch} has {has} of weights, and one HTML file holds {most}.', 'Export it as ONNX, tfjs or safetensors, or a lighter model as HTML.'],
  'weights-unfit': ['The weights of {source} do not fit {arch}: {why}.', 'Start from a model whose layers before the head are the same: of this architecture and its options, or of one that shares them.'],
  'classes-differ': ['{source} has other classes than the model: {why}.', 'Name the folders as the model names its classes: {classes}.'],
  'image-broken': ['{source} could not be decoded.', 'Open it in a viewer and save it again, as JPEG, PNG or WebP.'],
  'camera-missing': ['The camera cannot be used: {why}.', 'Allow the camera for this page in the browser, and check that no other program uses it; or choose a photo instead.'],
  'gpu-missing': ['This browser offers no {backend}.', 'Use a current Chrome or Edge, or choose another backend.'],
  'gpu-memory': ['{arch} at {size} pixels and batch {batch} needs {needs} of GPU memory at once; the adapter allows {limit}.', 'Use a batch of {fits}, or smaller images.'],
  'gpu-too-small': ['{arch} at {size} pixels needs {needs} of GPU memory at once even for a batch of one; the adapter allows {limit}.', 'Use smaller images or a lighter architecture.'],
  'gpu-lost': ['The GPU stopped answering: {why}.', 'Close other programs that use the GPU, reload the page, and resume the run.'],
  resumed: ['The run was interrupted ({why}) and goes on from its last checkpoint.', 'Nothing needs to be done.'],
  'checkpoint-broken': ['A checkpoint of {arch} was damaged in storage; the one before it is used.', 'Nothing needs to be done. If it happens again, check the disk.'],
  'gpu-unstable': ['The GPU was lost {times} times within five minutes: {why}.', 'Close other programs that use the GPU, or update its driver; then resume the run, which goes on from its last checkpoint.'],
  'gpu-failed': ['The GPU refused an operation: {why}.', 'Reload the page; if it happens again, report it with this text.'],
  'not-finite': ['The loss stopped being a number at epoch {epoch}, step {step}; what blew up first is {layer}.', 'Use a smaller learning rate. The weights from before that step are kept.'],
  'not-learning': ['After epoch {epoch} the training loss is {loss}; always giving the same answer would reach {constant}.', 'Start again from another seed; if that fares no better, use a smaller learning rate.'],
  overfitting: ['At epoch {epoch} training reaches an accuracy of {accuracy}, validation only {valAccuracy}.', 'Use augmentation, more photos or a lighter architecture.'],
  'batch-norm-apart': ['At epoch {epoch} the network gets {accuracy} of the training photos right while it trains, {evaluated} when it is evaluated: batch norm’s running averages lag behind.', 'Give it more steps: a smaller batch, more patience or more photos.'],
  'worker-failed': ['A worker stopped: {why}.', 'Reload the page. What was stored is intact.'],
  'page-failed': ['A part of the page could not be loaded: {why}.', 'Check the connection to where the page came from, and reload it. What was stored is intact.'],
  'input-missing': ['{source} does not exist.', 'Check the path.'],
  'call-invalid': ['{why}.', 'Run with --help to see how to call it.'],
  'browser-missing': ['No Chromium or Chrome was found.', 'Install one ({install}), or set CHROME_PATH.'],
  cancelled: ['It was cancelled.', 'Start it again when you like.'],
} as const satisfies Record<string, readonly [what: string, remedy: string]>;

export type ErrorCode = keyof typeof CATALOGUE;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** An error as it crosses a worker or is stored: structured-clonable, no stack. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly what: string;
  readonly remedy: string;
  readonly details: ErrorDetails;
}

/** The one error class of Winnow. Comlink keeps only name, message and stack of an error, so workers send {@link ErrorData} (see {@link toErrorData}). */
export class WinnowError extends Error {
  override readonly name = 'WinnowError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const [what, remedy] = CATALOGUE[code];
    super(fill(what, details), options);
    this.code = code;
    this.remedy = fill(remedy, details);
    this.details = details;
  }
}

export function hasCode(error: unknown, code: ErrorCode): error is WinnowError {
  return error instanceof WinnowError && error.code === code;
}

/** Any thrown value as data. A quota error of the browser becomes 'disk-full'; what is not known becomes `fallback` with its message as `why`. */
export function toErrorData(thrown: unknown, fallback: ErrorCode = 'worker-failed'): ErrorData {
  const error = thrown instanceof WinnowError ? thrown : adopt(thrown, fallback);
  return { code: error.code, what: error.message, remedy: error.remedy, details: error.details };
}

export function fromErrorData(data: ErrorData): WinnowError {
  return new WinnowError(data.code, data.details);
}

function adopt(thrown: unknown, fallback: ErrorCode): WinnowError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError') return new WinnowError('disk-full', { what: 'this' }, { cause: thrown });
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return new WinnowError('cancelled', {}, { cause: thrown });
  return new WinnowError(fallback, { why }, { cause: thrown });
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => String(details[key] ?? '?'));
}
