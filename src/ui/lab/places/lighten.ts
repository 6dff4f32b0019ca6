import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { PlaceContent } from './index.js';

export function render(): PlaceContent {
  return {
    lead: msg('A trained model, made smaller without losing what it knows.', { id: 'lighten.lead' }),
    actions: nothing,
    body: html`
      <section class="card prose">
        <h2>${msg('In the terminal so far', { id: 'lighten.title' })}</h2>
        <p>${msg('The terminal takes filters out of a model, trains the rest a little further, stores the weights in fewer bytes, and keeps the smaller model only if it stays as good: winnow lighten. This place will do the same with a button.', { id: 'lighten.text' })}</p>
        <p>${msg('What you can do here today: see in Look which feature maps stay dark, and train a lighter architecture beside the big one.', { id: 'lighten.today' })}</p>
        <p><a class="button" href="#look">${msg('Look at feature maps', { id: 'lighten.look' })}</a></p>
      </section>
    `,
  };
}
