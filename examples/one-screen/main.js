import { Winnow } from '../node_modules/winnow/dist/standalone/winnow.js';

const [train, stop, progress, log, photo, answer] = ['train', 'stop', 'progress', 'log', 'photo', 'answer'].map((id) => document.getElementById(id));
const winnow = new Winnow();
let classifier = null;

train.addEventListener('click', async () => {
  train.disabled = true;
  const stopping = new AbortController();
  stop.disabled = false;
  stop.onclick = () => stopping.abort();
  try {
    const rice = await winnow.importDataset('sample', { signal: stopping.signal });
    const training = winnow.train(rice, { arch: 'cnn-light', size: 32, epochs: 2 }, { signal: stopping.signal });
    for await (const event of training) {
      if (event.type === 'progress') progress.value = (event.epoch - 1 + event.step / event.steps) / 2;
      if (event.type === 'epoch') log.append(`epoch ${event.record.epoch}: loss ${event.record.loss.toFixed(3)}, validation accuracy ${event.record.valAccuracy.toFixed(3)}\n`);
    }
    const run = await training.ended;
    classifier?.close();
    classifier = await winnow.classifier(run);
    log.append(`${run.state.kind}: ${classifier.model.classes.join(', ')}\n`);
    photo.disabled = false;
  } catch (error) {
    log.append(`${error.message} ${error.remedy ?? ''}\n`);
  } finally {
    train.disabled = false;
    stop.disabled = true;
  }
});

photo.addEventListener('change', async () => {
  const { top, ms } = await classifier.classify(photo.files[0]);
  answer.replaceChildren(...top.map(({ class: name, probability }) => Object.assign(document.createElement('li'), { textContent: `${name} ${(100 * probability).toFixed(1)} %` })));
  answer.title = `${ms.toFixed(1)} ms`;
});
