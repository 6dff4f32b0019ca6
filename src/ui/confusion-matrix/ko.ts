import { str } from '@lit/localize';

export const templates = {
  'confusion.empty': '아직 판정한 사진이 없습니다.',
  'confusion.title': '혼동 행렬',
  'confusion.predicted': '모델의 답',
  'confusion.actual': '정답',
  'confusion.recall': '재현율',
  'confusion.precision': '정밀도',
  'confusion.photos': '사진',
  'confusion.share': '클래스 중 비율',
  'confusion.more': str`실수 ${1}가지 가운데 가장 잦은 ${0}가지입니다.`,
  // The number is a word of its own: it is what stands in the cell, and speech control looks for it in the name.
  'confusion.cell-right-one': str`${0} 사진 1 장, 맞힘`,
  'confusion.cell-wrong-one': str`${0} 사진 1 장을 ${1}(으)로 봄`,
  'confusion.cell-right': str`${1} 사진 ${0} 장, 맞힘`,
  'confusion.cell-wrong': str`${1} 사진 ${0} 장을 ${2}(으)로 봄`,
  'confusion.hint': str`사진 ${1}장 가운데 ${0}장을 다른 클래스로 봅니다.`,
};
