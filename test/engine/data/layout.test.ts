import { expect } from 'chai';
import { inProportion, isIgnored, readLayout } from '../../../src/engine/data/layout.js';

const layout = (...paths: string[]) => {
  const { classes, files, refused } = readLayout(paths.map((path) => ({ path })));
  return { classes, files: files.map((members) => members.map(({ path }) => path)), refused: refused.map(({ name, code }) => `${name}: ${code}`) };
};

describe('layout', () => {
  it('takes the parent folder as the class, one folder deep or not', () => {
    expect(layout('b/2.jpg', 'a/1.jpg', 'b/1.jpg')).to.deep.equal({ classes: ['a', 'b'], files: [['a/1.jpg'], ['b/2.jpg', 'b/1.jpg']], refused: [] });
    expect(layout('set/train/cat/1.png', 'set/test/cat/2.png', 'set/train/dog/3.png').classes).to.deep.equal(['cat', 'dog']);
  });

  it("reads Kaggle's rice as it is", () => {
    expect(layout('Rice_Image_Dataset/Rice_Citation_Request.txt', 'Rice_Image_Dataset/Arborio/Arborio (1).jpg', 'Rice_Image_Dataset/Basmati/basmati (1).jpg')).to.deep.equal({
      classes: ['Arborio', 'Basmati'],
      files: [['Rice_Image_Dataset/Arborio/Arborio (1).jpg'], ['Rice_Image_Dataset/Basmati/basmati (1).jpg']],
      refused: ['Rice_Image_Dataset/Rice_Citation_Request.txt: not-an-image'],
    });
  });

  it('gives no class to photos beside the class folders', () => {
    expect(layout('set/stray.jpg', 'set/a/1.jpg', 'set/b/1.jpg', 'README.md').refused).to.deep.equal(['set/stray.jpg: no-class', 'README.md: not-an-image']);
    expect(layout('1.jpg', '2.jpg')).to.deep.equal({ classes: [], files: [], refused: ['1.jpg: no-class', '2.jpg: no-class'] });
  });

  it('keeps a folder of photos alone as the one class it is', () => {
    expect(layout('cats/1.jpg', 'cats/2.jpg').classes).to.deep.equal(['cats']);
  });

  it('passes over what operating systems leave', () => {
    for (const path of ['__MACOSX/a/._1.jpg', 'a/.DS_Store', '.git/a/1.jpg', 'a/Thumbs.db']) expect(isIgnored(path), path).to.equal(true);
    expect(layout('__MACOSX/a/1.jpg', 'a/.hidden.jpg', 'a/1.jpg', 'b/2.jpg')).to.deep.include({ classes: ['a', 'b'], refused: [] });
  });

  it('mixes groups so that every prefix holds them in proportion', () => {
    const sizes = [100, 10, 1, 37, 1];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const mixed = inProportion(sizes.map((size, group) => Array.from({ length: size }, (_, i) => `${group}:${i}`)));
    expect(mixed).to.have.length(total);
    const counts = sizes.map(() => 0);
    mixed.forEach(({ item, group }, i) => {
      expect(item).to.equal(`${group}:${counts[group]++}`);
      sizes.forEach((size, other) => expect(Math.abs(counts[other] - ((i + 1) * size) / total)).to.be.at.most(0.5 + ((size / total) * sizes.length) / 2));
    });
  });
});
