import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { PlaceContent } from './index.js';

export function render(): PlaceContent {
  return {
    lead: msg('A trained model, made smaller without losing what it knows.', { id: 'lighten.lead' }),
    actions: nothing,
    body: html`
      <section class="card prose">
        <h2>${msg('Not built yet', { id: 'lighten.title' })}</h2>
        <p>${msg('Winnow cannot prune or quantise a model so far. Here it will take out filters that never answer, train the rest a little further, and keep the smaller model only if it stays as good.', { id: 'lighten.text' })}</p>
        <p>${msg('What you can do today: see in Look which feature maps stay dark, and train a lighter architecture beside the big one.', { id: 'lighten.today' })}</p>
        <p><a class="button" href="#look">${msg('Look at feature maps', { id: 'lighten.look' })}</a></p>
      </section>
    `,
  };
}
