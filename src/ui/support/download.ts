/** Letters, digits and points of a name, the rest a hyphen. */
export function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}.]+/gu, '-').toLowerCase();
}

/** Hands a file to the browser's downloads. */
export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The download has taken its own hold of the blob by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
